// What persons and outsiders say of a run's calls: how one in doubt ended, how one that waits elsewhere did, and that
// somebody is alive who has it. What is done costs what its activity says of the output, as after an attempt.

import { randomUUID } from "node:crypto";
import {
  type Activity,
  type AnswerTold,
  type ApprovalRow,
  type CompleteRequest,
  type Encoded,
  HoldfastError,
  type Resolution,
  type ResolveRequest,
  decode,
  encode,
  encodePayload,
  parseWith,
  toFailure,
} from "@holdfast/core";
import { maySend, venueOf } from "@holdfast/engine/activity-side";
import { toldBy } from "../worker/said.ts";
import {
  type BeatCall,
  type CompleteCall,
  type ResolveCall,
  SYSTEM,
} from "../workflow/protocol.ts";
import { decided } from "./decided.ts";
import { describeAt, findAt, isOpen, leftAt, stateOf, statusOf } from "./look.ts";
import type { Client } from "./part.ts";
import { isKnown, tell } from "./send.ts";
import { runClosed } from "./server.ts";
import type { TokenContent } from "./token.ts";

export async function resolve(client: Client, request: ResolveRequest): Promise<void> {
  const { id, key, actor, reason } = request;
  const action = "resolve an effect of";
  let { resolution } = request;
  const info = (await describeAt(client.server, id, action)).workflowExecutionInfo;
  if (!isOpen(info)) {
    if (await isKnown(client, id, request.requestId)) return;
    throw runClosed(id, action, statusOf(info));
  }
  const call = (await stateOf(client.server, id)).calls.find((found) => found.key === key);
  const activity = call === undefined ? undefined : client.activity(call.activity);
  let said: AnswerTold | undefined;
  if (activity !== undefined && resolution.kind === "done") {
    const output = outputOf(activity, resolution.output, "receipt");
    resolution = { kind: "done", output };
    said = await saidOf(client, { activity, key, output });
  }
  if (call?.parked !== undefined && resolution.kind === "resend")
    await checkResend(client, request);
  const told: ResolveCall = { key, resolution, actor, reason };
  const input = encode(told);
  await tell(client, { id, name: SYSTEM.resolve, input }, request.requestId, action);
  const at = client.clock.now();
  if (resolution.kind === "done") {
    const { output } = resolution;
    await client.intents?.settle(key, { state: "done", output, told: said }, at);
  } else if (resolution.kind === "not-done") {
    const failure = resolution.failure ?? toFailure(notDone(call?.activity ?? "", request));
    await client.intents?.settle(key, { state: "refused", failure }, at);
  }
}

function notDone(activity: string, { actor, reason }: ResolveRequest): HoldfastError {
  return new HoldfastError(
    "HF-RESOLVED-NOT-DONE",
    `Activity "${activity}" did not take effect, as ${actor} found: ${reason}`,
    { class: "state", disposition: "refused", outcome: "refused" },
  );
}

/** @throws HF-RESEND-UNSAFE */
async function checkResend({ intents, activity, clock }: Client, { key }: ResolveRequest) {
  const intent = await intents?.find(key);
  if (intent === undefined) return;
  const found = activity(intent.activity);
  const { venue } = venueOf(found, new Map());
  const rules = { effect: "money", unknown: true, venue, sentAt: intent.sentAt } as const;
  if (maySend(rules, clock.now())) return;
  throw new HoldfastError(
    "HF-RESEND-UNSAFE",
    `Cannot resend ${key}: the venue no longer remembers its key, so it could happen twice. Look at the venue and resolve it as done or not done.`,
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}

/**
 * Tells the run that waits for an answer what it was. What is decided stands in the store: told twice, or to a run
 * that has ended, it changes nothing.
 */
export async function tellAnswer(client: Client, row: ApprovalRow): Promise<void> {
  const { id, run, key, state, decidedBy: actor = "guard", reason = "" } = row;
  const failure = (await client.intents?.find(key))?.lastFailure;
  const resolution: Resolution =
    state === "approved" ? { kind: "resend" } : { kind: "not-done", failure };
  const told: ResolveCall = { key, resolution, actor, reason, approval: true };
  const about = { id: run, name: SYSTEM.resolve, input: encode(told) };
  try {
    await tell(client, about, `approval/${id}`, "answer");
  } catch (error) {
    // It does not wait any more.
    if (!["HF-NOT-IN-DOUBT", "HF-RUN-CLOSED", "HF-RUN-UNKNOWN"].includes(toFailure(error).code))
      throw error;
  }
}

/** What somebody outside says of a call that waits elsewhere. */
export async function complete(
  client: Client,
  { outcome, requestId }: CompleteRequest,
  { id, call, key, activity: name }: TokenContent,
): Promise<void> {
  const found = await findAt(client.server, id);
  if (found === undefined || !isOpen(found.workflowExecutionInfo)) {
    if (found !== undefined && (await isKnown(client, id, requestId))) return;
    throw unknownToken();
  }
  const { begun, details } = leftAt(found, call);
  let told: CompleteCall = {
    call,
    key,
    outcome,
    ...(begun === undefined ? {} : { begun }),
    ...(details === undefined ? {} : { details }),
  };
  let said: AnswerTold | undefined;
  if (outcome.kind === "done") {
    const activity = client.activity(name);
    const output = outputOf(activity, outcome.output, "output");
    told = { call, key, outcome: { kind: "done", output } };
    said = await saidOf(client, { activity, key, output });
  }
  const input = encode(told);
  await tell(client, { id, name: SYSTEM.complete, input }, requestId, "complete a call of");
  // An attempt elsewhere hears of it at its next heartbeat.
  if (outcome.kind === "done") client.onCompleted(id, call);
  if (told.outcome.kind === "done" && client.activity(name).effect === "money") {
    const { output } = told.outcome;
    await client.intents?.settle(key, { state: "done", output, told: said }, client.clock.now());
  }
}

function outputOf(activity: Activity, output: Encoded, name: "output" | "receipt"): Encoded {
  const what = `the ${name} of activity ${activity.name}`;
  return encodePayload(parseWith(activity.output, decode(output), what), what);
}

interface Done {
  readonly activity: Activity;
  readonly key: string;
  readonly output: Encoded;
}

/**
 * What an activity says of an output that no attempt of it brought: asked before the run is told, which may end then.
 * Its input stands in the run's history. Undefined where there is nothing to ask.
 */
async function saidOf(
  client: Client,
  { activity, key, output }: Done,
): Promise<AnswerTold | undefined> {
  if (activity.effect !== "money") return undefined;
  if (activity.cost === undefined && activity.observe === undefined) return undefined;
  const intent = await client.intents?.find(key);
  const call = intent === undefined ? undefined : await decided(client, intent);
  if (intent === undefined || call === undefined) return undefined;
  return toldBy({ activity, input: call.input, ref: intent.ref }, output, client.log);
}

/** Whoever has a call elsewhere is alive: its run knows until when it waits. */
export async function beat(
  client: Client,
  details: Encoded | undefined,
  { id, call, key }: TokenContent,
): Promise<void> {
  const info = (await findAt(client.server, id))?.workflowExecutionInfo;
  if (!isOpen(info)) throw unknownToken();
  const told: BeatCall = { call, key, ...(details === undefined ? {} : { details }) };
  const about = { id, name: SYSTEM.beat, input: encode(told) };
  await tell(client, about, randomUUID(), "heartbeat for a call of");
}

export function unknownToken(): HoldfastError {
  return new HoldfastError(
    "HF-TOKEN-UNKNOWN",
    "Cannot use this token: no open call has it. The call has ended, was completed before, or never existed.",
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}
