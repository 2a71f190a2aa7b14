// Starts a run: new, attached to an open one, in place of another, or again after its end. What is decided here on
// what the server said is guarded by the server's own policies: who comes second is told.

import {
  type Encoded,
  HoldfastError,
  type RunStatus,
  type SignalRequest,
  type StartRequest,
  type Started,
  type Tags,
  encode,
  parseId,
} from "@holdfast/core";
import { encodeOrigin, tagTexts } from "@holdfast/engine/workflow-side";
import { type RunMemo, type TemporalOrigin, memoOf } from "../workflow/protocol.ts";
import { type Info, findAt, isOpen, statusOf } from "./look.ts";
import type { Client } from "./part.ts";
import { CODES, codeOf } from "./server.ts";
import { type Payload, type Payloads, msOf, payload, payloads, textOf } from "./wire.ts";

/** The numbers of the server's policies. */
const CONFLICT = { fail: 1, attach: 2, replace: 3 } as const;
const REUSE = { again: 1, failed: 2, never: 3 } as const;

const CANNOT = {
  class: "state",
  disposition: "refused",
  outcome: "not-sent",
} as const;

/** What a listing shows of a run, as its memo has it. */
export function memoIn(
  info: Info | null | undefined,
): (RunMemo & { request?: string }) | undefined {
  const field = info?.memo?.fields?.["holdfast"];
  return field ? (JSON.parse(textOf(field)) as RunMemo & { request?: string }) : undefined;
}

export async function start(
  client: Client,
  request: StartRequest,
  signal?: SignalRequest,
): Promise<Started> {
  client.workflow(request.workflow);
  const id = parseId(request.id, "workflow id");
  // Most ids are new: then the server's answer is the only one needed. A signal must not reach a run that is there,
  // and where no run may begin, one that is there is attached to all the same.
  const mayBegin = signal === undefined && client.load?.held(id, request.workflow) === undefined;
  const started = mayBegin ? await beginNew(client, request) : undefined;
  if (started !== undefined) return started;
  const known = (await findAt(client.server, id))?.workflowExecutionInfo;
  if (known === undefined || known === null) {
    return begin(client, request, id, REUSE.never, signal);
  }
  const attached = { runId: known.execution?.runId ?? "", created: false };
  if (memoIn(known)?.request === request.requestId) return attached;
  if (isOpen(known)) {
    switch (request.onOpen ?? "attach") {
      case "attach":
        return attached;
      case "fail":
        throw exists(id, known, runningSince(known));
      case "replace":
        return begin(client, request, nextRoot(id, known, request), REUSE.again, signal);
    }
  }
  const status = statusOf(known);
  switch (request.onClosed ?? "fail") {
    case "attach":
      return attached;
    case "fail":
      throw exists(id, known, `it has already run and is ${status}`);
    case "restart-failed":
      if (status === "completed") return attached;
      return begin(client, request, nextRoot(id, known, request), REUSE.failed, signal);
    case "restart":
      return begin(client, request, nextRoot(id, known, request), REUSE.again, signal);
  }
}

/** Undefined where a run has the id, or had it. One that was begun by the same request counts as begun now. */
async function beginNew(client: Client, request: StartRequest): Promise<Started | undefined> {
  const policies = { reuse: REUSE.never, conflict: CONFLICT.fail };
  try {
    return await ask(client, fieldsOf(client, request, request.id, policies), undefined);
  } catch (error) {
    if (codeOf(error) === CODES.ALREADY_EXISTS) return undefined;
    throw error;
  }
}

async function begin(
  client: Client,
  request: StartRequest,
  root: string,
  reuse: number,
  signal: SignalRequest | undefined,
): Promise<Started> {
  const { server } = client;
  const held = client.load?.held(request.id, request.workflow);
  if (held !== undefined) throw held;
  const replaced = reuse === REUSE.again ? CONFLICT[request.onOpen ?? "attach"] : CONFLICT.attach;
  const conflict = request.onOpen === "fail" ? CONFLICT.fail : replaced;
  try {
    return await ask(client, fieldsOf(client, request, root, { reuse, conflict }), signal);
  } catch (error) {
    if (codeOf(error) !== CODES.ALREADY_EXISTS) throw error;
    // Somebody else was faster: what is known now decides.
    const known = (await findAt(server, request.id))?.workflowExecutionInfo;
    const runId = known?.execution?.runId ?? "";
    const open = isOpen(known);
    const may = open ? (request.onOpen ?? "attach") : (request.onClosed ?? "fail");
    if (may === "attach" || (may === "restart-failed" && statusOf(known) === "completed"))
      return { runId, created: false };
    throw exists(
      request.id,
      known,
      open ? runningSince(known) : `it has already run and is ${statusOf(known)}`,
    );
  }
}

async function ask(
  client: Client,
  fields: ReturnType<typeof fieldsOf>,
  signal: SignalRequest | undefined,
): Promise<Started> {
  const { service } = client.server;
  const begun = await client.server.steadily(async () =>
    signal === undefined
      ? service.startWorkflowExecution(fields)
      : service.signalWithStartWorkflowExecution({
          ...fields,
          signalName: signal.signal,
          signalInput: signalInput(client, signal),
        }),
  );
  client.onStarted(client.server.idOf(fields.workflowId));
  return { runId: begun.runId ?? "", created: begun.started ?? true };
}

/** How the server treats a closed and an open run of the id, by its numbers. */
interface Policies {
  readonly reuse: number;
  readonly conflict: number;
}

function fieldsOf(
  client: Client,
  request: StartRequest,
  root: string,
  { reuse, conflict }: Policies,
) {
  const { server } = client;
  const { account, tags, memo, delayMs = 0 } = request;
  const now = client.clock.now();
  const origin: TemporalOrigin = {
    account,
    namespace: client.keys,
    root,
    generation: 0,
    served: true,
    tags,
    memo,
    ...(delayMs > 0 ? { notBefore: now + delayMs } : {}),
    ...(server.prefix === "" ? {} : { prefix: server.prefix }),
    ...(client.held
      ? {
          heldAt: now,
          suggestAt: client.suggestAt,
        }
      : {}),
  };
  const { holdfast } = memoOf(origin);
  const shown = { ...holdfast, request: request.requestId };
  return {
    namespace: server.namespace,
    workflowId: server.at(request.id),
    workflowType: { name: request.workflow },
    taskQueue: { name: client.taskQueue },
    requestId: request.requestId,
    workflowIdReusePolicy: reuse,
    workflowIdConflictPolicy: conflict,
    input: payloads(request.input, encodeOrigin(origin)),
    memo: { fields: { holdfast: payload(JSON.stringify(shown)) } },
    searchAttributes: { indexedFields: attributesOf(account, tags) },
  };
}

export function attributesOf(account: string, tags: Tags | undefined): Record<string, Payload> {
  const text = (value: unknown): Encoded => JSON.stringify(value);
  return {
    HoldfastAccount: payload(text(account), "Keyword"),
    ...(tags === undefined || Object.keys(tags).length === 0
      ? {}
      : { HoldfastTags: payload(text(tagTexts(tags)), "KeywordList") }),
  };
}

/** What a signal carries: its payload, its sender's id and, where time is held, the instant. */
export function signalInput(
  client: Client,
  { payload: given, requestId }: SignalRequest,
): Payloads {
  const at = client.held ? [String(client.clock.now())] : [];
  return payloads(given, encode(requestId), ...at);
}

/** The root of a start that reuses an id: the same keys, or salted ones. */
function nextRoot(id: string, known: Info, request: StartRequest): string {
  const root = memoIn(known)?.root ?? id;
  switch (request.effects) {
    case "continue":
      return root;
    case "again": {
      const salt = /~(\d+)$/u.exec(root.slice(id.length));
      return `${id}~${Number(salt?.[1] ?? 0) + 1}`;
    }
    case undefined:
      throw new HoldfastError(
        "HF-EFFECTS-UNSAID",
        `Cannot start run "${id}" again: say what to do about the effects of the run before, effects: "continue" (same keys: finish what is missing) or "again" (act anew).`,
        { ...CANNOT, class: "data" },
      );
  }
}

function runningSince(known: Info | null | undefined): string {
  const at = new Date(msOf(known?.startTime) ?? 0).toISOString();
  return `it is already running since ${at}`;
}

function exists(id: string, known: Info | null | undefined, why: string): HoldfastError {
  return new HoldfastError("HF-RUN-EXISTS", `Cannot start run "${id}": ${why}.`, {
    ...CANNOT,
    details: { id, runId: known?.execution?.runId ?? "" },
  });
}

/** A status as a run's own code says it, or as the server does once it is closed. */
export function shownStatus(info: Info | null | undefined, own: RunStatus | undefined): RunStatus {
  return isOpen(info) ? (own ?? "running") : statusOf(info);
}
