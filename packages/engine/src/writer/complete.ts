// Plans what somebody outside says of a call, by its token. Whoever comes second is refused.

import {
  type CompleteRequest,
  type Encoded,
  HoldfastError,
  decode,
  encodePayload,
  parseWith,
} from "@holdfast/core";
import { type PendingCallState, standsStill } from "../call/pending.ts";
import { placeIn } from "../call/token.ts";
import type { LiveRun } from "../run/live-run.ts";
import { type Draft, type Planner, claim, known, remember } from "./draft.ts";

interface Found {
  readonly live: LiveRun;
  readonly call: PendingCallState;
}

export async function planComplete(
  planner: Planner,
  draft: Draft,
  { token, outcome, requestId }: CompleteRequest,
): Promise<void> {
  if (known(planner, draft, requestId)) return;
  const found = await callOf(planner, token);
  const { live, call } = found;
  if (!claim(draft, call)) throw unknownToken();
  const number = call.command.call;
  if (outcome.kind === "failed") planFailure(planner, draft, found, outcome.failure);
  else {
    const what = `the output of activity ${call.activity.name}`;
    const parsed = parseWith(call.activity.output, decode(outcome.output), what);
    draft.push(live, false, { kind: "done", call: number, output: encodePayload(parsed, what) });
    draft.onAccept(() => {
      planner.dispatcher.release(call);
    });
  }
  remember(draft, requestId, live.row.row);
}

/** A failure is judged like one of an attempt here; only proof of the effect ends a doubt without a person. */
function planFailure(
  { dispatcher }: Planner,
  draft: Draft,
  { live, call }: Found,
  failure: (CompleteRequest["outcome"] & { readonly kind: "failed" })["failure"],
): void {
  if (standsStill(call)) throw unknownToken(call.phase);
  const number = call.command.call;
  const verdict = dispatcher.verdictOn(call, failure);
  if (verdict.kind === "fail") {
    draft.push(live, false, { kind: "failed", call: number, failure: verdict.failure });
  } else if (verdict.kind === "doubt") {
    draft.push(live, false, { kind: "in-doubt", call: number, failure: verdict.failure });
  }
  draft.onAccept(() => {
    dispatcher.failOutside(call, failure, verdict);
  });
}

export async function planHeartbeat(
  planner: Planner,
  draft: Draft,
  { token, details }: { readonly token: string; readonly details?: Encoded | undefined },
): Promise<void> {
  const { call } = await callOf(planner, token);
  draft.onAccept(() => {
    planner.dispatcher.heartbeat(call, details);
  });
}

/** The open call that a token is of. */
async function callOf(planner: Planner, token: string): Promise<Found> {
  const place = placeIn(token);
  const row = place === undefined ? undefined : planner.store.runs.byRow(place.run);
  if (place === undefined || row === undefined || row.state.closedAt !== undefined) {
    throw unknownToken();
  }
  const live = await planner.load(place.run);
  const call = live.calls.get(place.call);
  if (call === undefined && live.problem !== undefined) {
    throw new HoldfastError(
      "HF-RUN-STUCK",
      `Cannot use this token: the run it is of is stuck. Deploy code that fits, and send it again. ${live.problem.message}`,
      { class: "state", disposition: "retry", outcome: "not-sent" },
    );
  }
  if (call === undefined || call.phase === "settled" || !planner.tokens.fits(call, token)) {
    throw unknownToken();
  }
  return { live, call };
}

/** The token itself is a secret, and does not stand in the message. */
function unknownToken(parked?: string): HoldfastError {
  const why =
    parked === undefined
      ? "no open call has it. The call has ended, was completed before, or never existed"
      : `its call is ${parked} and waits for a person, who resolves it: done, not done, or resend`;
  return new HoldfastError("HF-TOKEN-UNKNOWN", `Cannot use this token: ${why}.`, {
    class: "state",
    disposition: "refused",
    outcome: "not-sent",
  });
}
