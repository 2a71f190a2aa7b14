// An engine that crashes where a test says and comes back on its journal. Who holds it notices nothing: what
// waits for an answer asks the next engine, with the request ids it had. It decides nothing by itself.

import type {
  Applied,
  DeadLetterFilter,
  DeadLetterPage,
  Encoded,
  Engine,
  Guard,
  GuardStatus,
  ListFilter,
  ListedEntry,
  Operation,
  RunDescription,
  RunPage,
  RunResult,
  UpdateResult,
} from "@holdfast/core";
import type { CrashPoint, CrashPoints, EmbeddedEngine, Store } from "@holdfast/engine";
import type { Driven } from "@holdfast/testing/clock";
import { Life } from "./life.ts";

export interface CrashableOptions {
  /** Opens an engine on the journal. */
  readonly open: (life: Life, point: CrashPoints) => Promise<EmbeddedEngine>;
  /** Asked at each point: for how many milliseconds the engine crashes away; undefined lets it go on. */
  readonly crashes: (point: CrashPoint, about: string) => number | undefined;
  /** Lets so much time pass without an engine. */
  readonly away: (ms: number) => Promise<void>;
}

export class CrashableEngine implements Engine, Driven {
  /** Modes, budgets and approvals, as people reach them. */
  readonly guard: Guard = {
    status: () => this.#through(({ guard }) => guard.status()),
    halt: (request) => this.#through(({ guard }) => guard.halt(request)),
    lift: (request) => this.#through(({ guard }) => guard.lift(request)),
    approvals: (filter) => this.#through(({ guard }) => guard.approvals(filter)),
    answer: (answer) => this.#through(({ guard }) => guard.answer(answer)),
    audit: (page) => this.#through(({ guard }) => guard.audit(page)),
    verifyAudit: (noted) => this.#through(({ guard }) => guard.verifyAudit(noted)),
    breaker: (change) => this.#through(({ guard }) => guard.breaker(change)),
  };
  readonly #options: CrashableOptions;
  #life: Life;
  #engine: EmbeddedEngine;
  /** While there is no engine. */
  #reopening: Promise<void> | undefined;

  private constructor(options: CrashableOptions, life: Life, engine: EmbeddedEngine) {
    this.#options = options;
    this.#life = life;
    this.#engine = engine;
  }

  static async open(options: CrashableOptions): Promise<CrashableEngine> {
    const life = new Life();
    // No point is met before it is open.
    const met: { by?: CrashableEngine } = {};
    const engine = await options.open(life, (point, about) => {
      if (met.by !== undefined) met.by.#meet(life, point, about);
    });
    met.by = new CrashableEngine(options, life, engine);
    return met.by;
  }

  get busy(): boolean {
    return this.#reopening !== undefined || this.#engine.busy;
  }

  get inFlight(): number {
    return this.#reopening === undefined ? this.#engine.inFlight : 0;
  }

  async idle(): Promise<void> {
    // An engine that crashes in the middle of a turn never comes to rest.
    if (this.#reopening === undefined)
      await this.#life.within(this.#engine.idle()).catch(() => undefined);
    await this.#reopening;
  }

  /** Crashes now, and is back when this resolves. */
  async crash(awayMs: number): Promise<void> {
    await this.#reopening;
    this.#die(awayMs);
    await this.#reopening;
  }

  /** Closes in order and opens again. */
  async restart(): Promise<void> {
    await this.#reopening;
    const { engine, life } = this.#leave();
    const closed = engine.close().then(() => {
      life.end();
    });
    this.#come(closed);
    await this.#reopening;
  }

  apply(operations: readonly Operation[]): Promise<readonly Applied[]> {
    return this.#through((engine) => engine.apply(operations));
  }

  query(request: { readonly id: string; readonly query: string }): Promise<Encoded> {
    return this.#through((engine) => engine.query(request));
  }

  result(request: {
    readonly id: string;
    readonly timeoutMs?: number | undefined;
  }): Promise<RunResult> {
    return this.#through((engine) => engine.result(request));
  }

  updated(request: {
    readonly id: string;
    readonly requestId: string;
    readonly timeoutMs?: number | undefined;
  }): Promise<UpdateResult> {
    return this.#through((engine) => engine.updated(request));
  }

  dead(filter?: DeadLetterFilter): Promise<DeadLetterPage> {
    return this.#through((engine) => engine.dead(filter));
  }

  describe(id: string): Promise<RunDescription> {
    return this.#through((engine) => engine.describe(id));
  }

  list(filter?: ListFilter): Promise<RunPage> {
    return this.#through((engine) => engine.list(filter));
  }

  history(id: string): Promise<readonly ListedEntry[]> {
    return this.#through((engine) => engine.history(id));
  }

  breakers(): ReturnType<Engine["breakers"]> {
    return this.#through((engine) => engine.breakers());
  }

  cursor(name: string): Promise<string | undefined> {
    return this.#through((engine) => engine.cursor(name));
  }

  /** What the guard of the engine of now has on. */
  guardStatus(): Promise<GuardStatus> {
    return this.#through((engine) => engine.guard.status());
  }

  inspect<Value>(look: (store: Store) => Value): Promise<Value> {
    return this.#through((engine) => engine.inspect(look));
  }

  verify(): Promise<readonly string[]> {
    return this.#through((engine) => engine.verify());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reopening;
    await this.#engine.close();
    this.#life.end();
  }

  /** Asks the engine of now; when it crashes meanwhile, the next one. */
  async #through<Value>(ask: (engine: EmbeddedEngine) => Promise<Value>): Promise<Value> {
    for (;;) {
      while (this.#reopening !== undefined) await this.#reopening;
      const life = this.#life;
      try {
        return await life.within(ask(this.#engine));
      } catch (error) {
        if (life === this.#life) throw error;
      }
    }
  }

  #meet(life: Life, point: CrashPoint, about: string): void {
    if (life.isOver) throw new Error(`Met ${point} after the crash.`);
    const awayMs = this.#options.crashes(point, about);
    if (awayMs === undefined) return;
    this.#die(awayMs);
    // What comes next in the code must not happen; an answer is taken by nobody any more.
    if (point !== "attempt.answered") throw new Error(`Crashed at ${point} (${about}).`);
  }

  #die(awayMs: number): void {
    const { engine, life } = this.#leave();
    engine.abandon();
    life.end();
    this.#come(this.#options.away(awayMs));
  }

  /** From now on, who asks waits for the next engine. */
  #leave(): { readonly engine: EmbeddedEngine; readonly life: Life } {
    const left = { engine: this.#engine, life: this.#life };
    this.#life = new Life();
    return left;
  }

  #come(ready: Promise<void>): void {
    const life = this.#life;
    const open = async (): Promise<void> => {
      await ready;
      this.#engine = await this.#options.open(life, (point, about) => {
        this.#meet(life, point, about);
      });
      this.#reopening = undefined;
    };
    this.#reopening = open();
    // Told to whoever asks next.
    this.#reopening.catch(() => undefined);
  }
}
