// Plans a person's word on a call in doubt or in quarantine. Audited; the second resolver is refused.

import {
  type Failure,
  HoldfastError,
  type ResolveRequest,
  decode,
  encodePayload,
  parseWith,
  toFailure,
} from "@holdfast/core";
import { callKey } from "../call/attempt.ts";
import { type Draft, type Planner, claim, known, openRun, remember } from "./draft.ts";

export async function planResolve(
  planner: Planner,
  draft: Draft,
  request: ResolveRequest,
): Promise<void> {
  if (known(planner, draft, request.requestId)) return;
  const live = await openRun(planner, draft, request.id, "resolve an effect of");
  const call = [...live.calls.values()].find((found) => callKey(found) === request.key);
  if (call === undefined) throw notInDoubt(request, "no open call has this key");
  if (call.phase !== "in-doubt" && call.phase !== "quarantined") {
    throw notInDoubt(request, `the call is ${call.phase}`);
  }
  const decision = { actor: request.actor, reason: request.reason };
  const number = call.command.call;
  const { resolution } = request;
  if (resolution.kind === "resend" && !planner.dispatcher.mayResend(call)) {
    throw new HoldfastError(
      "HF-RESEND-UNSAFE",
      `Cannot resend ${request.key}: the venue no longer remembers its key, so it could happen twice. Look at the venue and resolve it as done or not done.`,
      { class: "state", disposition: "refused", outcome: "not-sent" },
    );
  }
  if (!claim(draft, call)) throw notInDoubt(request, "somebody has just settled it");
  if (resolution.kind === "done") {
    const what = `the receipt of activity ${call.activity.name}`;
    const output = parseWith(call.activity.output, decode(resolution.output), what);
    draft.push(live, false, {
      kind: "done",
      call: number,
      output: encodePayload(output, what),
      decision,
    });
  } else if (resolution.kind === "not-done") {
    draft.push(live, false, {
      kind: "failed",
      call: number,
      failure: resolution.failure ?? notDone(call.activity.name, request),
      decision,
    });
  } else {
    draft.push(live, false, { kind: "resent", call: number, decision });
  }
  remember(draft, request.requestId, live.row.row);
  draft.onAccept(() => {
    draft.plan.writes.push((store) => {
      store.audit({
        at: draft.plan.at,
        action: `resolve ${resolution.kind}`,
        subject: request.key,
        ...decision,
      });
    });
  });
}

function notInDoubt({ key, id }: ResolveRequest, why: string): HoldfastError {
  return new HoldfastError(
    "HF-NOT-IN-DOUBT",
    `Cannot resolve ${key} of run "${id}": ${why}. Only a call in doubt or in quarantine is resolved.`,
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}

function notDone(activity: string, request: ResolveRequest): Failure {
  return toFailure(
    new HoldfastError(
      "HF-RESOLVED-NOT-DONE",
      `Activity "${activity}" did not take effect, as ${request.actor} found: ${request.reason}`,
      { class: "state", disposition: "refused", outcome: "refused" },
    ),
  );
}
