// What the body of an activity sees of its attempt.

import type { Log } from "../base/log.ts";
import type { AttemptBinding } from "./attempt.ts";
import type { Resource } from "./resource.ts";

export interface ActivityContext extends AttemptBinding {
  readonly log: Log;
  /**
   * Says that the attempt is alive, and learns whether it still counts. `details` reach the next attempt as
   * `lastHeartbeat`: always where this attempt fails or is given up, and after a crash as they stood at most
   * one second before (sooner where the heartbeat time-out is shorter).
   *
   * @throws the reason of `signal`: HF-CANCELLED when the call was cancelled, HF-…-TIMEOUT when this attempt
   *   was given up. Let it through. A money call is never cancelled once an attempt has begun.
   * @example
   * for (let page = Number(a.lastHeartbeat ?? 0); page < pages; page += 1) {
   *   await copy(page);
   *   a.heartbeat(page + 1);
   * }
   */
  heartbeat(details?: unknown): void;
  /**
   * Like a heartbeat with details, and fulfilled when they are on disk: no crash after that loses them. What must
   * be known of an effect before it is sent (what the account looked like) is kept so; `reconcile` finds it in
   * `lastHeartbeat`, and an attempt that has kept nothing has sent nothing: keep its number along.
   *
   * @throws the reason of `signal`, before and after; HF-KEEP-NOWHERE in a thread and in a local call
   * @example
   * await a.keep({ attempt: a.attempt, before: await positions(a) });
   * return open(a, order);
   */
  keep(details: unknown): Promise<void>;
  /** The last details of the attempts before this one; undefined where there are none. */
  readonly lastHeartbeat: unknown;
  /**
   * What completes this call from outside: `client.complete(a.token, output)`. It is a secret: whoever has it
   * decides the outcome. It is the same for every attempt of the call, also after a crash, and good until the
   * call has ended. Never logged.
   *
   * @throws HF-COMPLETE-LATER in a thread and in a local call
   */
  readonly token: string;
  /**
   * Ends the attempt without an outcome: the call then waits elsewhere, also across restarts, until somebody
   * completes it, or its `total` is over. The attempt time-out ends here; the heartbeat time-out goes on, and
   * `client.heartbeat(token)` answers it. A money call whose `total` is over is in doubt, and may still be
   * completed. A crash before the end of the attempt is on disk repeats it, with the same key and token.
   *
   * @throws HF-COMPLETE-LATER in a thread and in a local call
   * @example
   * run: async (order, a) => {
   *   await mail(`Approve ${order.id}? ${page}?token=${a.token}`);
   *   return a.completeLater();
   * },
   */
  completeLater(): never;
  /**
   * Says that the venue asks this account to rest for so long, in milliseconds from now: as after a 429, nothing
   * more of the account is sent to the venues of this activity (`uses`) before that, while this attempt goes on.
   * For a venue whose good answers tell that a quota is used up; the bound client of Purple Flea says it by itself.
   * A rest that lasts longer already stays, a day counts at most, and what is no positive number is ignored. It is
   * of this process alone, ends with it, and holds nothing where the engine was opened without policies.
   *
   * @example
   * const answer = await fetch(url, { signal: a.signal });
   * if (answer.headers.get("x-quota-left") === "0") a.rest(2_000);
   */
  rest(ms: number): void;
  /** The client behind a resource, bound to this attempt: its write carries key and ref by itself. */
  use<Raw, Bound>(resource: Resource<Raw, Bound>): Bound;
  /** A context with a key of its own, for a second write in one activity. */
  part(label: string): ActivityContext;
}
