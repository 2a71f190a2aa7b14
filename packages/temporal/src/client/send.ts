// Messages to a run: signals, updates, cancellation, the end of it. Each carries its sender's id, by which the server
// knows it again.

import {
  type Encoded,
  type Failure,
  HoldfastError,
  type Operation,
  type SignalRequest,
  type UpdateRequest,
  fromFailure,
  toFailure,
} from "@holdfast/core";
import { describeAt, findAt, isOpen, problemOf, statusOf } from "./look.ts";
import type { Client } from "./part.ts";
import { CODES, codeOf, runClosed, runStuck, runUnknown } from "./server.ts";
import { signalInput } from "./start.ts";
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

/** True where the run has taken a message with this id. */
export async function isKnown({ server }: Client, id: string, updateId: string): Promise<boolean> {
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

interface Told {
  readonly id: string;
  readonly name: string;
  readonly input: Encoded;
}

/** An update, until the run has accepted it. */
export async function tell(
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
