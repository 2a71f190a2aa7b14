// What the body of an activity sees of its attempt.

import type { Log } from "../base/log.ts";
import type { AttemptBinding } from "./attempt.ts";
import type { Resource } from "./resource.ts";

export interface ActivityContext extends AttemptBinding {
  readonly log: Log;
  /** Says that the attempt is alive; `details` reach the next attempt as `lastHeartbeat`. */
  heartbeat(details?: unknown): void;
  readonly lastHeartbeat: unknown;
  /** The client behind a resource, bound to this attempt: its write carries key and ref by itself. */
  use<Raw, Bound>(resource: Resource<Raw, Bound>): Bound;
  /** A context with a key of its own, for a second write in one activity. */
  part(label: string): ActivityContext;
}
