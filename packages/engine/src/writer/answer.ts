// Plans a person's answer to what the guard asks, or the end of its time: the word and what it does to the run are
// one commit.

import { type ApprovalAnswer, type Fact, HoldfastError, toFailure } from "@holdfast/core";
import { deniedBy } from "@holdfast/core/internal";
import { type Steps, carryOut, checkAnswer, decideApproval, findApproval } from "@holdfast/guard";
import type { PendingCallState } from "../call/pending.ts";
import { callKey } from "../call/attempt.ts";
import { type Draft, type Planner, claim, openRun } from "./draft.ts";

export async function planAnswer(
  planner: Planner,
  draft: Draft,
  answer: ApprovalAnswer & { readonly isExpired?: boolean },
): Promise<void> {
  const { store, guard } = planner;
  const look = <Result>(steps: Steps<Result>): Result => carryOut(steps, store.guard);
  const now = draft.plan.at;
  const bySamePerson = guard?.approval?.bySamePerson ?? false;
  const found = look(findApproval(answer.id));
  const asked = checkAnswer(found, answer, { bySamePerson, now });
  const live = await openRun(planner, draft, asked.run, "answer for");
  const call = [...live.calls.values()].find((one) => callKey(one) === asked.key);
  if (call?.phase !== "awaiting-approval" || !claim(draft, call)) throw notWaiting(answer.id);
  draft.push(live, false, factOf(call, answer));
  draft.onAccept(() => {
    draft.plan.writes.push(() => {
      look(decideApproval(asked, answer, now));
    });
  });
}

function factOf(
  call: PendingCallState,
  { id, approved, actor, reason, isExpired }: ApprovalAnswer & { readonly isExpired?: boolean },
): Fact {
  const number = call.command.call;
  const decision = { actor, reason };
  if (approved) return { kind: "resent", call: number, decision };
  const check = isExpired === true ? "EXPIRED" : "REJECTED";
  const note = isExpired === true ? "nobody answered in time" : `${actor}: ${reason} (${id})`;
  const of = { ref: call.command.ref ?? callKey(call), operation: call.activity.name };
  const failure = toFailure(deniedBy({ check, note }, of));
  return { kind: "failed", call: number, failure, decision };
}

function notWaiting(id: string): HoldfastError {
  return new HoldfastError(
    "HF-APPROVAL-DECIDED",
    `Cannot answer approval ${id}: its run does not wait for it any more.`,
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}
