// What the world outside has seen of an engine: what was acknowledged, which results were told, which writes came
// to the venue. Each is held against the file at the moment at which it was seen, and again at the end.

import type { Applied, Engine, Operation, RunResult, UpdateResult } from "@holdfast/core";
import type { Broken, Rule } from "./rule/rule.ts";
import { type Reader, type Store, openReader } from "@holdfast/engine";

/** A request that the engine has acknowledged. */
export interface Acknowledged {
  readonly kind: Operation["kind"];
  /** The workflow id. */
  readonly id: string;
  readonly requestId: string;
  /** Of a start: the run that it began or found. */
  readonly runId?: string | undefined;
}

/** An outcome that somebody was told. */
export interface Told {
  readonly id: string;
  readonly result: RunResult;
}

/** An update's answer that somebody was told. */
export interface Answered {
  readonly id: string;
  readonly requestId: string;
  readonly result: UpdateResult;
}

/** A write that came to the venue under a key. */
export interface Write {
  readonly key: string;
  readonly ref: string;
  readonly path: string;
  readonly body: string;
  /** Whether what decided it was on disk. */
  readonly isDecided: boolean;
}

/** What had been seen when a backup was taken: what came later may be lost with it. */
export interface Seen {
  readonly acknowledged: readonly Acknowledged[];
  readonly told: readonly Told[];
  readonly answered: readonly Answered[];
}

export const NOTHING_SEEN: Seen = { acknowledged: [], told: [], answered: [] };

export class Observed implements Disposable {
  #acknowledged: Acknowledged[] = [];
  #told: Told[] = [];
  #answered: Answered[] = [];
  readonly writes: Write[] = [];
  /** What was wrong when it was seen: the rule, and the words. */
  readonly wrong: Broken[] = [];
  readonly #path: string;
  #bodiesFrom = 0;
  #reader: Reader | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get acknowledged(): readonly Acknowledged[] {
    return this.#acknowledged;
  }

  get told(): readonly Told[] {
    return this.#told;
  }

  get answered(): readonly Answered[] {
    return this.#answered;
  }

  get seen(): Seen {
    return {
      acknowledged: [...this.#acknowledged],
      told: [...this.#told],
      answered: [...this.#answered],
    };
  }

  /** The journal was put back to where it was then: what was seen since is not to be found any more. */
  goBack({ acknowledged, told, answered }: Seen): void {
    this.#answered = [...answered];
    this.#acknowledged = [...acknowledged];
    this.#told = [...told];
    this.letGo();
  }

  /** Lets go of the file, which is about to be put back or deleted. */
  letGo(): void {
    this.#reader?.[Symbol.dispose]();
    this.#reader = undefined;
  }

  /** Looks at what is on disk, from outside of the engine. */
  look<Value>(look: (store: Store) => Value): Promise<Value> {
    this.#reader ??= openReader(this.#path);
    return this.#reader.inspect(look);
  }

  async acknowledge(operations: readonly Operation[], applied: readonly Applied[]): Promise<void> {
    for (const [index, operation] of operations.entries()) {
      if (!("requestId" in operation) || !("id" in operation)) continue;
      const { kind, id, requestId } = operation;
      const answer = applied[index];
      const runId = answer?.kind === "start" ? answer.started.runId : undefined;
      const seen: Acknowledged = { kind, id, requestId, runId };
      this.#acknowledged.push(seen);
      const found = await this.look((store) => isThere(store, seen));
      if (!found) this.#blame("seen before it was on disk", `${kind} ${requestId} of run "${id}"`);
    }
  }

  async tell(id: string, result: RunResult): Promise<void> {
    this.#told.push({ id, result });
    const closed = await this.look((store) => store.runs.latest(id)?.state.closedAt);
    if (closed === undefined)
      this.#blame("seen before it was on disk", `the result of run "${id}"`);
  }

  answer(id: string, requestId: string, result: UpdateResult): void {
    this.#answered.push({ id, requestId, result });
  }

  /** The venue was put back: what a key stood for since is forgotten there. */
  forgetBodies(): void {
    this.#bodiesFrom = this.writes.length;
  }

  /** The writes that the venue may remember. */
  get remembered(): readonly Write[] {
    return this.writes.slice(this.#bodiesFrom);
  }

  /** A write comes to the venue: what decided it must be on disk. */
  async send(write: Omit<Write, "isDecided">): Promise<void> {
    const isDecided = await this.look((store) => isDecidedIn(store, write));
    this.writes.push({ ...write, isDecided });
  }

  [Symbol.dispose](): void {
    this.letGo();
  }

  #blame(rule: Rule, what: string): void {
    this.wrong.push({ rule, what });
  }
}

/** Whether a write, or the call that it is a part of, has its intent. */
function isDecidedIn(store: Store, { key, ref }: Pick<Write, "key" | "ref">): boolean {
  if (store.intents.get(key) !== undefined) return true;
  return store.intents.all().some((intent) => ref.startsWith(`${intent.ref}/`));
}

/** Whether an acknowledged request left its mark in the journal. */
export function isThere(store: Store, { kind, id, requestId, runId }: Acknowledged): boolean {
  if (kind !== "start") return store.delivered(requestId);
  return (
    store.runs.byRequest(id, requestId) !== undefined ||
    (runId !== undefined &&
      store.runs.list({ idPrefix: id }, 1_000).some((run) => run.runId === runId))
  );
}

/** An engine whose answers are written down as they are seen. */
export function observedEngine(engine: Engine, observed: Observed): Engine {
  return {
    async apply(operations) {
      const applied = await engine.apply(operations);
      await observed.acknowledge(operations, applied);
      return applied;
    },
    async result(request): Promise<RunResult> {
      const result = await engine.result(request);
      await observed.tell(request.id, result);
      return result;
    },
    async updated(request): Promise<UpdateResult> {
      const result = await engine.updated(request);
      observed.answer(request.id, request.requestId, result);
      return result;
    },
    query: (request) => engine.query(request),
    describe: (id) => engine.describe(id),
    list: (filter) => engine.list(filter),
    history: (id) => engine.history(id),
    dead: (filter) => engine.dead(filter),
    breakers: () => engine.breakers(),
    cursor: (name) => engine.cursor(name),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
