// The first attempt of a local call: made at once, within the turn, and with an outcome only where the body gives one
// without waiting for anything.

import type { Fact, Failure } from "@holdfast/core";
import { AttemptContext, type AttemptHost, AttemptSignal } from "./attempt.ts";
import type { Verdict } from "./decide.ts";
import type { End } from "./gate.ts";
import type { Gates } from "./gates.ts";
import { isPromise } from "./is-promise.ts";
import { answerOf, notSentIfInvalid, parsedInput } from "./payload.ts";
import type { PendingCallState } from "./pending.ts";

export interface LocalHost {
  readonly gates: Gates;
  readonly host: AttemptHost<PendingCallState>;
  readonly verdictOn: (failure: Failure) => Verdict;
}

/** Undefined where there is no outcome yet: it is held, waits for something, or is to be tried again. */
export function runLocal(call: PendingCallState, host: LocalHost): Fact | undefined {
  const { activity, command } = call;
  const { gates } = host;
  if (!gates.pass(call, "send")) return undefined;
  call.attempt = 1;
  let end: End = { kind: "dropped" };
  try {
    const context = new AttemptContext(call, host.host, new AttemptSignal());
    const value = activity.run(parsedInput(activity, command.input), context);
    if (isPromise(value)) {
      // It is begun again, in its own time; nothing of this try counts.
      value.then(undefined, () => undefined);
      return undefined;
    }
    end = { kind: "answered" };
    return answerOf(call, value);
  } catch (error) {
    const failure = notSentIfInvalid(error);
    if (end.kind === "dropped") end = { kind: "failed", failure };
    const verdict = host.verdictOn(failure);
    if (verdict.kind !== "fail") return undefined;
    return { kind: "failed", call: command.call, failure: verdict.failure };
  } finally {
    gates.ended(call, end);
  }
}
