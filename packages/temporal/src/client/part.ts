// What every part of the client knows.

import type { Activity, Clock, IntentStore, Load, Log, Workflow } from "@holdfast/core";
import type { Server } from "./server.ts";

export interface Client {
  readonly server: Server;
  readonly clock: Clock;
  readonly log: Log;
  readonly taskQueue: string;
  /** First part of every key. */
  readonly keys: string;
  readonly held: boolean;
  /** History entries from which runs continue as new. Default: the server says so. */
  readonly suggestAt: number | undefined;
  readonly intents: IntentStore | undefined;
  /** @throws HF-WORKFLOW-UNKNOWN */
  readonly workflow: (name: string) => Workflow;
  /** @throws HF-ACTIVITY-UNKNOWN */
  readonly activity: (name: string) => Activity;
  /** Says when this process begins no run, because it has more to do than it can. */
  readonly load?: Load | undefined;
  /** A run that this client has begun. */
  readonly onStarted: (id: string) => void;
  /** A run that this client has terminated. */
  readonly onTerminated: (id: string) => void;
  /** A call that this client has completed. */
  readonly onCompleted: (id: string, call: number) => void;
}
