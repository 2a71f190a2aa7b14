// Messages to a run: signals, updates, cancellation, the end of it, and what persons and outsiders decide of its
// calls. Each carries its sender's id, by which the server knows it again.

import { randomUUID } from "node:crypto";
import {
  type ApprovalRow,
  type CompleteRequest,
  type Encoded,
  type Failure,
  HoldfastError,
  type Operation,
  type Resolution,
  type ResolveRequest,
  type SignalRequest,
  type UpdateRequest,
  decode,
  encode,
  encodePayload,
  fromFailure,
  parseWith,
  toFailure,
} from "@holdfast/core";
import { maySend, venueOf } from "@holdfast/engine/activity-side";
import {
  type BeatCall,
  type CompleteCall,
  type ResolveCall,
  SYSTEM,
} from "../workflow/protocol.ts";
import { describeAt, findAt, isOpen, leftAt, problemOf, stateOf, statusOf } from "./look.ts";
import type { Client } from "./part.ts";
import { CODES, codeOf, runClosed, runStuck, runUnknown } from "./server.ts";
import { signalInput } from "./start.ts";
import type { TokenContent } from "./token.ts";
import { failureOf, isRefusal, payloads } from "./wire.ts";

const REFUSED = { class: "data", disposition: "refused", outcome: "not-sent" } as const;
const ACCEPTED = 2;

export async function signal(client: Client, request: SignalRequest): Promise<void> {
  const action = `signal "${request.signal}" to`;
  const info = (await describeAt(client.server, request.id, action)).workflowExecutionInfo;
  const { signals } = client.workflow(info?.type?.name ?? "");
  if (!Object.hasOwn(signals, request.signal)) {
    throw undeclared("signal", request.signal, request.id, Object.keys(signals));
  }
  const { server } = client;
  await reach(client, request.id, action, () =>
    server.service.signalWorkflowExecution({
      namespace: server.namespace,
      workflowExecution: server.execution(request.id),
      signalName: request.signal,
      input: signalInput(client, request),
      requestId: request.requestId,
    }),
  );
}

export async function update(client: Client, request: UpdateRequest): Promise<void> {
  const { id } = request;
  const action = `update "${request.update}" of`;
  const described = await describeAt(client.server, id, action);
  const { updates } = client.workflow(described.workflowExecutionInfo?.type?.name ?? "");
  if (!Object.hasOwn(updates, request.update)) {
    throw undeclared("update", request.update, id, Object.keys(updates));
  }
  const problem = await problemOf(client.server, id, described);
  if (problem !== undefined) throw runStuck(id, action, problem);
  await tell(client, { id, name: request.update, input: request.input }, request.requestId, action);
}

export async function cancel(
  client: Client,
  { id, reason, requestId }: Operation & { readonly kind: "cancel" },
): Promise<void> {
  const { server } = client;
  // The server takes a second request without a word, also once the run is closed.
  const info = (await describeAt(server, id, "cancel")).workflowExecutionInfo;
  if (!isOpen(info)) throw runClosed(id, "cancel", statusOf(info));
  await reach(client, id, "cancel", async () => {
    try {
      await server.service.requestCancelWorkflowExecution({
        namespace: server.namespace,
        workflowExecution: server.execution(id),
        requestId,
        reason,
      });
    } catch (error) {
      // It was asked before.
      if (codeOf(error) !== CODES.ALREADY_EXISTS) throw error;
    }
  });
}

/** What was sent and not answered is nobody's any more: it is put in doubt. */
export async function terminate(client: Client, id: string, reason: string): Promise<void> {
  const { server, intents } = client;
  await reach(client, id, "terminate", () =>
    server.service.terminateWorkflowExecution({
      namespace: server.namespace,
      workflowExecution: server.execution(id),
      reason,
    }),
  );
  await intents?.doubt(id, terminated(id, reason), client.clock.now());
  client.onTerminated(id);
}

export function terminated(id: string, reason: string): Failure {
  return toFailure(
    new HoldfastError("HF-TERMINATED", `Run "${id}" was terminated: ${reason}`, {
      class: "state",
      disposition: "cancelled",
    }),
  );
}

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
  if (activity !== undefined && resolution.kind === "done") {
    const what = `the receipt of activity ${activity.name}`;
    const output = parseWith(activity.output, decode(resolution.output), what);
    resolution = { kind: "done", output: encodePayload(output, what) };
  }
  if (call?.parked !== undefined && resolution.kind === "resend")
    await checkResend(client, request);
  const told: ResolveCall = { key, resolution, actor, reason };
  const input = encode(told);
  await tell(client, { id, name: SYSTEM.resolve, input }, request.requestId, action);
  const at = client.clock.now();
  if (resolution.kind === "done") {
    await client.intents?.settle(key, { state: "done", output: resolution.output }, at);
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
  if (outcome.kind === "done") {
    const activity = client.activity(name);
    const what = `the output of activity ${name}`;
    const output = encodePayload(parseWith(activity.output, decode(outcome.output), what), what);
    told = { call, key, outcome: { kind: "done", output } };
  }
  const input = encode(told);
  await tell(client, { id, name: SYSTEM.complete, input }, requestId, "complete a call of");
  // An attempt elsewhere hears of it at its next heartbeat.
  if (outcome.kind === "done") client.onCompleted(id, call);
  if (told.outcome.kind === "done" && client.activity(name).effect === "money") {
    const { output } = told.outcome;
    await client.intents?.settle(key, { state: "done", output }, client.clock.now());
  }
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

/** True where the run has taken a message with this id. */
async function isKnown({ server }: Client, id: string, updateId: string): Promise<boolean> {
  try {
    await server.service.pollWorkflowExecutionUpdate({
      namespace: server.namespace,
      updateRef: { workflowExecution: server.execution(id), updateId },
      waitPolicy: { lifecycleStage: ACCEPTED },
    });
    return true;
  } catch (error) {
    if (codeOf(error) === CODES.NOT_FOUND) return false;
    throw error;
  }
}

export function unknownToken(): HoldfastError {
  return new HoldfastError(
    "HF-TOKEN-UNKNOWN",
    "Cannot use this token: no open call has it. The call has ended, was completed before, or never existed.",
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}

interface Told {
  readonly id: string;
  readonly name: string;
  readonly input: Encoded;
}

/** An update, until the run has accepted it. */
async function tell(
  client: Client,
  { id, name, input }: Told,
  updateId: string,
  action: string,
): Promise<void> {
  const { server, clock, held } = client;
  const at = held ? [String(clock.now())] : [];
  const answer = await reach(client, id, action, () =>
    server.service.updateWorkflowExecution({
      namespace: server.namespace,
      workflowExecution: server.execution(id),
      waitPolicy: { lifecycleStage: ACCEPTED },
      request: { meta: { updateId }, input: { name, args: payloads(input, ...at) } },
    }),
  );
  const failure = answer.outcome?.failure;
  if (isRefusal(failure)) throw fromFailure(failureOf(failure));
}

/** A run that is closed, or was never there, is told apart when the server knows no open one. */
async function reach<Value>(
  client: Client,
  id: string,
  action: string,
  send: () => Promise<Value>,
): Promise<Value> {
  try {
    return await client.server.steadily(send);
  } catch (error) {
    const code = codeOf(error);
    const isLimit =
      error instanceof Error &&
      /exceed(s|ed)? .*limit|limit (exceeded|on|of)/iu.test(error.message);
    if (isLimit) throw limit(id, action);
    if (code !== CODES.NOT_FOUND && code !== CODES.PRECONDITION) throw error;
    const known = (await findAt(client.server, id))?.workflowExecutionInfo;
    if (known === undefined || known === null) throw runUnknown(id, action);
    if (isOpen(known)) throw error;
    throw runClosed(id, action, statusOf(known));
  }
}

function limit(id: string, action: string): HoldfastError {
  const code = action.startsWith("signal") ? "HF-SIGNAL-LIMIT" : "HF-UPDATE-LIMIT";
  return new HoldfastError(
    code,
    `Cannot ${action} run "${id}": it takes no more. Let it continue as new, as ctx.loop does, and send it again.`,
    { class: "resource", disposition: "retry", outcome: "not-sent" },
  );
}

export function undeclared(
  what: "signal" | "update",
  name: string,
  id: string,
  names: readonly string[],
): HoldfastError {
  const takes = names.length === 0 ? `no ${what}s` : names.join(", ");
  return new HoldfastError(
    "HF-MESSAGE-UNKNOWN",
    `Cannot ${what} "${name}" ${what === "signal" ? "to" : "of"} run "${id}": its workflow takes ${takes}.`,
    REFUSED,
  );
}
