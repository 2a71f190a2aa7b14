// A project under test: engine, paper venue and virtual time in one process. Each has a clock of its own, so
// that many run beside each other. Time moves when a test says so, and only as far as something is due.

import {
  type Client,
  type Duration,
  type Guard,
  HoldfastError,
  createClient,
  durationMs,
  formatDuration,
  fromFailure,
} from "@holdfast/core";
import type { CrashPoint, Definition } from "@holdfast/engine";
import { type VirtualClock, drive } from "@holdfast/testing/clock";
import type { Config } from "../config/config.ts";
import { type CrashOptions, CrashPlan } from "./crash-plan.ts";
import { CrashableEngine } from "./crashable-engine.ts";
import { type RecordedJournal, recordJournal } from "./recorded-journal.ts";
import type { TestVenue } from "./test-venue.ts";
import { type World, type WorldOptions, openWorld } from "./world.ts";

export interface TestProjectOptions extends WorldOptions {
  /** Told at each crash point, with what it is about: what `crashAt` can name. */
  readonly onPoint?: ((point: CrashPoint, about: string) => void) | undefined;
}

export interface Within {
  /** Virtual time after which it is given up. Default: 520 weeks. */
  readonly within?: Duration | undefined;
}

/** What a test holds of a run that it waits for. */
export interface Awaited<Output> {
  readonly id: string;
  result(): Promise<Output>;
}

const WITHIN: Duration = "520w";
/** Real milliseconds for which an activity may wait for something else than the venue, such as a model. */
const WATCHDOG_MS = 60_000;

/**
 * Opens a project under test: engine, paper venue over HTTP, virtual time.
 *
 * @throws HF-DEFINITION-DUPLICATE, HF-VENUE-SCRIPT-INVALID
 * @example
 * await using t = await testProject({ definitions: [weekly] });
 * const run = await t.client.start(weekly, plan, { id: "plan" });
 * t.crashAt("attempt.answered", { ref: "plan/17" });
 * await t.runUntilClosed(run);
 * assert.equal((await t.venue.audit()).duplicateEffects, 0);
 */
export async function testProject(options: TestProjectOptions = {}): Promise<TestProject> {
  await using opened = new AsyncDisposableStack();
  const world = await openWorld(options, opened);
  const crashes = new CrashPlan();
  const engine = await CrashableEngine.open({
    open: world.open,
    crashes(point, about) {
      options.onPoint?.(point, about);
      return crashes.meet(point, about);
    },
    away: world.pass,
  });
  opened.use(engine);
  opened.defer(() => assertSound(engine, crashes));
  const { fleet = [] } = options.config ?? {};
  return new TestProject({ world, engine, crashes, fleet, all: opened.move() });
}

interface Parts {
  readonly world: World;
  readonly engine: CrashableEngine;
  readonly crashes: CrashPlan;
  readonly fleet: NonNullable<Config["fleet"]>;
  readonly all: AsyncDisposable;
}

export class TestProject implements AsyncDisposable {
  /** Starts runs, sends signals, asks queries. It outlives crashes: what waits for an answer gets it. */
  readonly client: Client;
  readonly clock: VirtualClock;
  readonly venue: TestVenue;
  readonly engine: CrashableEngine;
  /** The guard: `status()`, `halt(…)`, `answer(…)`, as people reach it. It outlives crashes, too. */
  readonly guard: Guard;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    const { world, engine } = parts;
    this.#parts = parts;
    this.engine = engine;
    this.guard = engine.guard;
    this.clock = world.clock;
    this.venue = world.venue;
    this.client = createClient({ engine, newId: world.newId });
  }

  /** Starts the runs of the configuration's fleet. */
  async launch(): Promise<void> {
    for (const { workflow, input, id, account } of this.#parts.fleet)
      await this.client.start(workflow, input, { id, account, onClosed: "attach" });
  }

  /**
   * Drives time until a run has closed, and gives its output or throws its failure.
   *
   * @throws HF-TEST-LATE; HF-DETERMINISM or HF-FOREIGN-AWAIT where it is stuck; HF-IN-DOUBT
   */
  async runUntilClosed<Output>(run: Awaited<Output>, options: Within = {}): Promise<Output> {
    const result = run.result();
    let closed = false;
    const close = (): void => {
      closed = true;
    };
    result.then(close, close);
    const done = async (): Promise<boolean> => {
      if (!closed) await this.#assertMoves(run.id);
      return closed;
    };
    await this.#until(done, `run "${run.id}" has not closed`, options);
    return result;
  }

  /** Drives time until a condition holds; it is looked at before each step of time. @throws HF-TEST-LATE */
  async runUntil(condition: () => boolean | Promise<boolean>, options: Within = {}): Promise<void> {
    await this.#until(condition, "the condition does not hold", options);
  }

  /** Lets everything happen that is due within a span of time, and goes to its end. */
  async advance(duration: Duration): Promise<void> {
    const end = this.clock.now() + durationMs(duration);
    await this.#drive(end, () => false);
    await this.#parts.world.pass(end - this.clock.now());
  }

  /**
   * Asks for a crash: the next time this moment comes, the engine is dropped there and opened again on its
   * journal. Each crash that was asked for must be met before the test ends.
   */
  crashAt(point: CrashPoint, options: CrashOptions = {}): void {
    this.#parts.crashes.arm(point, options);
  }

  /** Crashes now and comes back. */
  async crash(options: Pick<CrashOptions, "away"> = {}): Promise<void> {
    await this.engine.crash(durationMs(options.away ?? 0));
  }

  /** Stops the engine in order and opens it again, with other definitions where some are given. */
  async restart(options: { readonly definitions?: readonly Definition[] } = {}): Promise<void> {
    const { world } = this.#parts;
    world.definitions = options.definitions ?? world.definitions;
    await this.engine.restart();
  }

  /** A run's journal as plain JSON, for `replayJournal`. @throws HF-RUN-UNKNOWN */
  exportJournal(id: string): Promise<RecordedJournal> {
    return this.engine.inspect((store) => recordJournal(store, id));
  }

  /** @throws HF-TEST-CRASH-UNMET, HF-TEST-JOURNAL; Error where the venue's ledger does not add up */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.all[Symbol.asyncDispose]();
  }

  async #until(
    condition: () => boolean | Promise<boolean>,
    not: string,
    { within = WITHIN }: Within,
  ): Promise<void> {
    const end = this.clock.now() + durationMs(within);
    if (await this.#drive(end, condition)) return;
    await this.#parts.world.pass(end - this.clock.now());
    throw new HoldfastError(
      "HF-TEST-LATE",
      `Cannot wait on: ${not} within ${formatDuration(durationMs(within))} of virtual time, and nothing that is due until then will change it. A run may be waiting for a signal.`,
    );
  }

  /** Drives time until the condition holds (true), or nothing more is due by `end` (false). */
  async #drive(end: number, condition: () => boolean | Promise<boolean>): Promise<boolean> {
    const { clock, venue, engine } = this;
    const ended = Promise.withResolvers<boolean>();
    const beyond = clock.setTimer(end + 1, () => undefined);
    try {
      return await drive(ended.promise, {
        clock,
        venue,
        engines: () => [engine],
        watchdogMs: WATCHDOG_MS,
        onJump: async (next) => {
          if (await condition()) ended.resolve(true);
          else if (next > end) ended.resolve(false);
        },
      });
    } finally {
      beyond.cancel();
    }
  }

  /** @throws why it is stuck; HF-IN-DOUBT: no time brings such a run on */
  async #assertMoves(id: string): Promise<void> {
    const state = await this.engine.inspect((store) => store.runs.latest(id)?.state);
    if (state?.status === "stuck" && state.problem !== undefined) throw fromFailure(state.problem);
    if (state?.status !== "in-doubt" && state?.status !== "quarantined") return;
    throw new HoldfastError(
      "HF-IN-DOUBT",
      `Run "${id}" is ${state.status} and waits for a person: engine.describe(id) shows the call. Settle it with engine.apply([{ kind: "resolve", … }]).`,
      { inDoubt: true },
    );
  }
}

/** @throws HF-TEST-JOURNAL, HF-TEST-CRASH-UNMET */
async function assertSound(engine: CrashableEngine, crashes: CrashPlan): Promise<void> {
  const problems = await engine.verify();
  if (problems.length > 0) {
    throw new HoldfastError(
      "HF-TEST-JOURNAL",
      `The journals of this test do not replay: ${problems.join(" ")}`,
      { details: { problems } },
    );
  }
  crashes.assertMet();
}
