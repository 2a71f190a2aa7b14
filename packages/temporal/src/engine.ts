// The Engine port on a Temporal cluster: every member asks the server, or the run's own code through it. A worker
// runs beside it where the project's code is served by this process.

import {
  type Applied,
  type BreakerState,
  type DeadLetterFilter,
  type DeadLetterPage,
  type Encoded,
  type Engine,
  type Guard,
  HoldfastError,
  type ListFilter,
  type ListedEntry,
  type Operation,
  type RunDescription,
  type RunPage,
  type RunResult,
  type UpdateResult,
  decode,
  encode,
  fromFailure,
  toFailure,
} from "@holdfast/core";
import { dead } from "./client/dead.ts";
import { list, summaryOf, tagsOf } from "./client/list.ts";
import { ask, callsOf, describeAt, inputOf, isOpen, problemOf, tryState } from "./client/look.ts";
import type { Client } from "./client/part.ts";
import { discard, resume, wholeJournal } from "./client/reset.ts";
import { CODES, codeOf } from "./client/server.ts";
import { beat, complete, resolve, unknownToken } from "./client/outside.ts";
import { cancel, signal, terminate, terminated, update } from "./client/send.ts";
import { memoIn, start } from "./client/start.ts";
import { type TokenContent, readToken } from "./client/token.ts";
import { engineClosed, result, updated, within } from "./client/wait.ts";
import { breakerUnknown } from "@holdfast/engine/activity-side";
import type { Policed } from "./worker/policed.ts";
import { unreachable } from "./worker/worker.ts";
import { type RunState, SYSTEM } from "./workflow/protocol.ts";

export interface TemporalEngineParts {
  readonly client: Client;
  /** Absent where there is no store of intents. */
  readonly guard: Guard | undefined;
  /** What completion tokens are made with. */
  readonly secret: string | undefined;
  /** What holds attempts back; absent where nothing does. */
  readonly policed: Policed | undefined;
  /** Ends what serves the project's code, and lets go of everything else. */
  readonly close: () => Promise<void>;
}

export class TemporalEngine implements Engine {
  readonly guard: Guard | undefined;
  readonly #parts: TemporalEngineParts;
  readonly #closing = new AbortController();
  #asking = 0;

  constructor(parts: TemporalEngineParts) {
    this.#parts = parts;
    this.guard = parts.guard;
  }

  /** Questions that are on their way, those aside that wait for a run. */
  get asking(): number {
    return this.#asking;
  }

  get #client(): Client {
    return this.#parts.client;
  }

  /** One after the other: the server has no commit for several runs. What came before a refusal stays. */
  async apply(operations: readonly Operation[]): Promise<readonly Applied[]> {
    const applied: Applied[] = [];
    checkTokens(operations);
    return this.#ask(async () => {
      for (let index = 0; index < operations.length; index += 1) {
        const operation = operations[index];
        const next = operations[index + 1];
        if (operation === undefined) continue;
        if (operation.kind !== "start") {
          await this.#apply(operation);
          applied.push({ kind: "ok" });
          continue;
        }
        const isPair = next?.kind === "signal" && next.id === operation.id;
        const started = await start(this.#client, operation, isPair ? next : undefined);
        applied.push({ kind: "start", started });
        // One that begins takes its signal along in the same step.
        if (isPair && started.created) {
          applied.push({ kind: "ok" });
          index += 1;
        }
      }
      return applied;
    });
  }

  query({ id, query }: { readonly id: string; readonly query: string }): Promise<Encoded> {
    return this.#ask(async () => {
      const input = encode(query);
      const answer: unknown = JSON.parse(await ask(this.#client.server, id, SYSTEM.ask, { input }));
      const { failure } = answer as { readonly failure?: unknown };
      if (failure !== undefined) throw fromFailure(toFailure(decode(JSON.stringify(failure))));
      const { answer: given } = answer as { readonly answer?: unknown };
      return given === undefined ? encode(undefined) : JSON.stringify(given);
    });
  }

  async result(request: {
    readonly id: string;
    readonly timeoutMs?: number | undefined;
  }): Promise<RunResult> {
    this.#check();
    const { id, timeoutMs } = request;
    const wait = { timeoutMs, closing: this.#closing.signal, what: `Run "${id}" has not ended` };
    return within(this.#client, wait, () => result(this.#client, id));
  }

  async updated(request: {
    readonly id: string;
    readonly requestId: string;
    readonly timeoutMs?: number | undefined;
  }): Promise<UpdateResult> {
    this.#check();
    const { id, requestId, timeoutMs } = request;
    const what = `Update ${requestId} of run "${id}" has not been answered`;
    const wait = { timeoutMs, closing: this.#closing.signal, what };
    return within(this.#client, wait, () => updated(this.#client, id, requestId));
  }

  describe(id: string): Promise<RunDescription> {
    return this.#ask(async () => {
      const client = this.#client;
      const described = await describeAt(client.server, id, "describe");
      const info = described.workflowExecutionInfo ?? {};
      const open = isOpen(info);
      const failing = open ? await problemOf(client.server, id, described) : undefined;
      const asked = failing === undefined ? await tryState(client.server, id) : {};
      const { state } = asked;
      const problem = open ? (failing ?? asked.problem) : undefined;
      const summary = summaryOf(client, info);
      const outcome = open ? undefined : await result(client, id);
      return {
        ...summary,
        ...ownOf(state),
        status: open
          ? problem === undefined
            ? (state?.status ?? "running")
            : "stuck"
          : summary.status,
        root: memoIn(info)?.root ?? id,
        input: state?.input ?? (await inputOf(client.server, id)),
        output: outcome?.kind === "completed" ? outcome.output : undefined,
        failure: outcome?.kind === "failed" ? outcome.failure : undefined,
        problem,
        cancelRequested: state?.cancelRequested ?? false,
        memo: state?.memo,
        calls: open ? callsOf(described, state?.calls ?? [], client.clock.now()) : [],
        tags: state?.tags ?? tagsOf(info, memoIn(info)?.tags),
      };
    });
  }

  list(filter: ListFilter = {}): Promise<RunPage> {
    return this.#ask(() => list(this.#client, filter));
  }

  history(id: string): Promise<readonly ListedEntry[]> {
    return this.#ask(async () => {
      const { server } = this.#client;
      const info = (await describeAt(server, id, "read the history of")).workflowExecutionInfo;
      const entries = await wholeJournal(this.#client, id);
      if (summaryOf(this.#client, info ?? {}).status !== "terminated") return entries;
      const outcome = await result(this.#client, id);
      const failure = outcome.kind === "failed" ? outcome.failure : terminated(id, "");
      const last = { sequence: entries.length, at: entries.at(-1)?.at ?? 0 };
      return [...entries, { ...last, entry: { kind: "terminated", failure } }];
    });
  }

  dead(filter: DeadLetterFilter = {}): Promise<DeadLetterPage> {
    return this.#ask(() => dead(this.#client, filter));
  }

  async breakers(): Promise<readonly BreakerState[]> {
    return this.#ask(async () => (await this.#parts.policed?.list()) ?? []);
  }

  /** @throws HF-NOT-ON-TEMPORAL */
  async cursor(name: string): Promise<string | undefined> {
    throw notHere(`keep the position "${name}"`, "it belongs to the store of the events' project");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#parts.close();
  }

  async #apply(operation: Exclude<Operation, { readonly kind: "start" }>): Promise<void> {
    const client = this.#client;
    switch (operation.kind) {
      case "signal":
        return signal(client, operation);
      case "update":
        return update(client, operation);
      case "cancel":
        return cancel(client, operation);
      case "terminate":
        return terminate(client, operation.id, operation.reason);
      case "resolve":
        return resolve(client, operation);
      case "complete":
        return complete(client, operation, this.#read(operation.token));
      case "heartbeat":
        return beat(client, operation.details, this.#read(operation.token));
      case "resume":
        return resume(client, operation);
      case "discard":
        return discard(client, operation);
      case "answer":
        if (this.guard === undefined)
          throw notHere("answer an approval", "it has no store of intents");
        await this.guard.answer(operation);
        return;
      case "breaker":
        if (this.#parts.policed === undefined) throw breakerUnknown(operation.name, []);
        return this.#parts.policed.force(operation);
      case "drain":
      case "moving":
        throw notHere("drain an engine", "its server keeps the runs; stop its workers");
      case "cursor":
        throw notHere("keep a position", "it belongs to the store of the events' project");
    }
  }

  /** @throws HF-TOKEN-UNKNOWN */
  #read(token: string): TokenContent {
    const { secret } = this.#parts;
    const content = secret === undefined ? undefined : readToken(secret, token);
    if (content === undefined) throw unknownToken();
    return content;
  }

  async #ask<Value>(question: () => Promise<Value>): Promise<Value> {
    this.#check();
    this.#asking += 1;
    try {
      return await question();
    } catch (error) {
      if (this.#closing.signal.aborted) throw engineClosed();
      if (codeOf(error) === CODES.UNAVAILABLE)
        throw unreachable(this.#client.server.address, error);
      throw error;
    } finally {
      this.#asking -= 1;
    }
  }

  #check(): void {
    if (this.#closing.signal.aborted) throw engineClosed();
  }
}

/** Of two words on one call the second would come too late: then none is said. @throws HF-TOKEN-UNKNOWN */
function checkTokens(operations: readonly Operation[]): void {
  const requests = new Map<string, string>();
  for (const operation of operations) {
    if (operation.kind !== "complete") continue;
    const { token, requestId } = operation;
    const first = requests.get(token) ?? requestId;
    if (first !== requestId) throw unknownToken();
    requests.set(token, requestId);
  }
}

/** What only the run itself knows. */
function ownOf(state: RunState | undefined) {
  if (state === undefined) return {};
  const { wakeAt, length, generation, account, parent } = state;
  return { wakeAt, historyLength: length, generation, account, parent };
}

function notHere(action: string, why: string): HoldfastError {
  return new HoldfastError("HF-NOT-ON-TEMPORAL", `Cannot ${action} on Temporal: ${why}.`, {
    class: "logic",
    disposition: "refused",
    outcome: "not-sent",
  });
}
