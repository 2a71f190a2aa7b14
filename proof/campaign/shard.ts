// One world of the campaign: its runs, its weather, its crashes, and what the venue's ledger shows in the end.

import { DatabaseSync } from "node:sqlite";
import {
  type Provided,
  type RunDescription,
  type StartOptions,
  hasCode,
  usdc,
} from "@holdfast/core";
import type { CrashPoint } from "@holdfast/engine";
import type { FaultKind } from "@holdfast/sandbox";
import { brokenInvariants } from "../world/invariants.ts";
import { World } from "../world/world.ts";
import type { Business, NotDone } from "./business/decide.ts";
import { type Crash, CrashSchedule, type Death } from "./crashes.ts";
import { judge } from "./judge.ts";
import {
  BUSINESSES,
  type PlannedRun,
  type Shard,
  accountsOf,
  decisionsOf,
  definitionsOf,
  runsOf,
} from "./plan.ts";
import { type Counts, NOTHING, type Tally, addCounts, operationsOf, sumOf } from "./tally.ts";
import { type Weather, hitsOf, periods } from "./weather.ts";

const MINUTE_MS = 60_000;
/** Of runs that make pauses. */
const PAUSE_MS = 5_000;
/** A period of weather ends after so many effects, or so much of the venue's time. */
const PERIOD_EFFECTS = 40;
const PERIOD_MS = 20 * MINUTE_MS;
/** When all is done, what is still on its way gets so long to arrive. */
const AFTERWARDS_MS = 60 * MINUTE_MS;
/** Small, so that runs begin their journals anew in the middle of their work. */
const HISTORY_SUGGEST = 40;
/** The venue alone dies once in so many crashes of the engine. */
const VENUE_DIES_EVERY = 3;
/** An instant counts as a jump of the clock from so long on. */
const JUMP_MS = 30 * MINUTE_MS;
const GRANT = usdc("1000000");
/** As a world traces it when the venue is asked what became of a key; the answer has a line of its own. */
const ASKING = /GET \S*\/idempotency\/\S+$/u;
/** What is wrong with one world, told in at most so many lines. */
const PROBLEMS_MAX = 20;
/** Periods in a small world are shorter, so that it sees all weathers, too. */
const PERIODS_MIN = 40;

/** Called with the number of effects that were done since it was called last. */
export type Progress = (effects: number) => void;

/** Another campaign than the usual one. */
export interface Variant {
  readonly businesses: readonly Business[];
  readonly resources?: ((world: World, send: typeof fetch) => readonly Provided[]) | undefined;
  /** Kinds of faults that are left out. */
  readonly without?: readonly FaultKind[];
  /** Runs fail when all is done, and are started again to finish. */
  readonly resumes?: boolean;
  /** A planted bug: before that, the engine loses what it has recorded of its effects. */
  readonly forgetsIntents?: boolean;
}

export interface ShardOptions {
  readonly progress?: Progress;
  readonly variant?: Variant;
}

interface Handle {
  result(): Promise<NotDone>;
}

/** Does one world. */
export function runShard(shard: Shard, options: ShardOptions = {}): Promise<Tally> {
  return new ShardPlay(shard, options).run();
}

class ShardPlay {
  readonly #shard: Shard;
  readonly #progress: Progress;
  readonly #variant: Variant;
  readonly #runs: readonly PlannedRun[];
  readonly #schedule: CrashSchedule;
  readonly #periods: Generator<readonly Weather[], never>;
  readonly #periodEffects: number;
  #world: World | undefined;
  #effects = 0;
  #weather: { readonly at: number; readonly effects: number } = { at: 0, effects: -Infinity };
  #dying: Death | undefined;
  #forgets = false;
  #crashes: Counts = {};
  #faults: Counts = {};
  #venueCrashes = 0;
  #clockJumps = 0;
  #asked = 0;
  #byHand = 0;

  constructor(
    shard: Shard,
    { progress = () => undefined, variant = { businesses: BUSINESSES } }: ShardOptions,
  ) {
    this.#shard = shard;
    this.#progress = progress;
    this.#variant = variant;
    this.#runs = runsOf(shard, variant.businesses);
    this.#schedule = new CrashSchedule(shard);
    this.#periods = periods(shard.seed, variant.without);
    this.#periodEffects = Math.min(PERIOD_EFFECTS, Math.ceil(shard.effects / PERIODS_MIN));
  }

  async run(): Promise<Tally> {
    await using world = await World.open({
      seed: this.#shard.seed,
      definitions: definitionsOf(this.#variant.businesses),
      accounts: accountsOf(this.#runs),
      engine: { historySuggest: HISTORY_SUGGEST },
      ...(this.#variant.resources === undefined ? {} : { resources: this.#variant.resources }),
      venue: { grant: GRANT },
      onPoint: (point, about) => this.#meet(point, about),
      whileAway: () => {
        this.#whileAway();
      },
      trace: (line) => {
        if (ASKING.test(line)) this.#asked += 1;
      },
    });
    this.#world = world;
    this.#change();
    const outputs = await this.#drive(this.#all());
    return await this.#count(outputs);
  }

  /** Drives time until all has ended. What waits for a person gets one, who looks at the venue's ledger. */
  async #drive<Value>(all: Promise<Value>): Promise<Value> {
    for (;;) {
      try {
        return await this.#open.drive(all, () => this.#jump());
      } catch (error) {
        if (hasCode(error, "HF-DRIVE-STUCK") && (await this.#settle())) continue;
        const why = error instanceof Error ? error.message : String(error);
        const what = `Shard ${this.#shard.index} did not end: ${why}`;
        throw new Error(`${what}\n${await this.#standing()}`, { cause: error });
      }
    }
  }

  /** Settles what is in doubt; false where nothing is. */
  async #settle(): Promise<boolean> {
    const world = this.#open;
    await world.pass(AFTERWARDS_MS);
    const done = new Set(world.venue.effects().map(({ key }) => key));
    const calls = (await this.#openRuns()).flatMap(({ id, calls }) =>
      calls.filter(({ state }) => state === "in-doubt").map(({ key }) => ({ id, key })),
    );
    for (const { id, key } of calls) {
      // The venue tells its answer again while it keeps the key.
      const resolution = { kind: done.has(key) ? "resend" : "not-done" } as const;
      const because = {
        actor: "campaign",
        reason: "the venue's ledger",
        requestId: `by-hand/${this.#byHand}`,
      };
      await world.engine.apply([{ kind: "resolve", id, key, resolution, ...because }]);
      this.#byHand += 1;
    }
    return calls.length > 0;
  }

  async #openRuns(): Promise<readonly RunDescription[]> {
    const { engine } = this.#open;
    const { runs } = await engine.list({ status: "open", limit: 1_000 });
    return Promise.all(runs.map(({ id }) => engine.describe(id)));
  }

  /** The runs that have not closed, for whoever looks into why. */
  async #standing(): Promise<string> {
    return (await this.#openRuns())
      .map(({ id, status, problem, calls }) => JSON.stringify({ id, status, problem, calls }))
      .join("\n");
  }

  /** Starts all runs and waits for all. */
  async #all(): Promise<readonly NotDone[]> {
    const { resumes = false, forgetsIntents = false } = this.#variant;
    const first = await this.#start({}, resumes);
    if (!resumes) return Promise.all(first.map((handle) => handle.result()));
    await Promise.allSettled(first.map((handle) => handle.result()));
    if (forgetsIntents) await this.#forgetIntents();
    const second = await this.#start({ onClosed: "restart", effects: "continue" }, false);
    return Promise.all(second.map((handle) => handle.result()));
  }

  async #start(
    how: Pick<StartOptions, "effects" | "onClosed">,
    broken: boolean,
  ): Promise<readonly Handle[]> {
    const handles: Handle[] = [];
    for (const { business, id, rounds, account } of this.#runs) {
      const work = { rounds, pauseMs: PAUSE_MS, broken };
      const { client } = this.#open;
      handles.push(await client.start(business.workflow, work, { id, account, ...how }));
    }
    return handles;
  }

  async #forgetIntents(): Promise<void> {
    const { crashable, observed } = this.#open;
    this.#forgets = true;
    observed.letGo();
    await crashable.crash(0);
  }

  #deleteIntents(): void {
    this.#forgets = false;
    using database = new DatabaseSync(this.#open.journal);
    database.exec("DELETE FROM intent");
  }

  get #open(): World {
    if (this.#world === undefined) throw new Error("The world is not open yet.");
    return this.#world;
  }

  /** At a moment of the engine: counts what is done, and says whether it dies. */
  #meet(point: CrashPoint, about: string): number | undefined {
    if (point === "commit.after") {
      const done = about.split(",").filter((ref) => ref.startsWith("-")).length;
      this.#effects += done;
      if (done > 0) this.#progress(done);
    }
    this.#changeInTime();
    const death = this.#schedule.meet(point, this.#effects);
    return death === undefined ? undefined : this.#die(death);
  }

  #die(death: Death): number {
    this.#dying = death;
    this.#crashes = addCounts(this.#crashes, { [death.kind satisfies Crash]: 1 });
    if (death.awayMs >= JUMP_MS) this.#clockJumps += 1;
    return death.awayMs;
  }

  /** Between two lives of the engine. */
  #whileAway(): void {
    const death = this.#dying;
    this.#dying = undefined;
    if (this.#forgets) this.#deleteIntents();
    if (death === undefined) return;
    if (death.kind === "with-venue") this.#restartVenue();
    if (death.setMs === 0) return;
    this.#clockJumps += 1;
    this.#open.setClock(death.setMs);
  }

  /** Before time goes on: nothing moves now. */
  async #jump(): Promise<void> {
    const world = this.#open;
    const turns = Math.floor(sumOf(this.#crashes) / VENUE_DIES_EVERY);
    const isVenuesTurn = this.#venueCrashes < turns;
    if (world.venue.hasCrashed || isVenuesTurn) this.#restartVenue();
    this.#changeInTime();
    const death = this.#schedule.rest(this.#effects);
    if (death !== undefined) await world.crash(this.#die(death));
  }

  /** A period ends by effects or by time. */
  #changeInTime(): void {
    const { venue } = this.#open;
    if (!venue.isUp || venue.hasCrashed) return;
    const { at, effects } = this.#weather;
    if (this.#effects - effects >= this.#periodEffects || venue.now() - at >= PERIOD_MS)
      this.#change();
  }

  /** The next period's weather. */
  #change(): void {
    const { venue } = this.#open;
    this.#noteHits();
    const at = venue.now();
    const { value } = this.#periods.next();
    venue.faults.clear();
    for (const weather of value) for (const rule of weather.rules(at)) venue.faults.add(rule);
    this.#weather = { at, effects: this.#effects };
  }

  #restartVenue(): void {
    const { venue } = this.#open;
    const rules = venue.faults.list().map(({ rule }) => rule);
    this.#noteHits();
    venue.crash();
    // A crash that has struck is over.
    venue.open(rules.filter(({ kind }) => kind !== "crash"));
    this.#venueCrashes += 1;
  }

  #noteHits(): void {
    this.#faults = addCounts(this.#faults, hitsOf(this.#open.venue.faults.list()));
  }

  /** When all runs have ended: lets what is on its way arrive, and counts. */
  async #count(outputs: readonly NotDone[]): Promise<Tally> {
    const world = this.#open;
    if (world.venue.hasCrashed) this.#restartVenue();
    this.#noteHits();
    world.venue.faults.clear();
    while (this.#schedule.left > 0) await world.crash(this.#die(this.#schedule.last()));
    await afterwards(world);
    const intents = await world.crashable.inspect((store) => store.intents.all());
    const effects = world.venue.effects();
    const given = {
      refused: outputs.flatMap(({ refused }) => refused),
      late: outputs.flatMap(({ late }) => late),
    };
    const expected = decisionsOf(this.#runs);
    const { problems, ...judged } = judge({ expected, effects, intents, given });
    const audit = world.venue.audit();
    return {
      ...NOTHING,
      ...judged,
      refused: given.refused.length,
      late: given.late.length,
      replays: audit.replays,
      asked: this.#asked,
      byHand: this.#byHand,
      crashes: this.#crashes,
      venueCrashes: this.#venueCrashes,
      clockJumps: this.#clockJumps,
      faults: this.#faults,
      operations: operationsOf(effects),
      problems: [...problems, ...(await this.#wrong())]
        .slice(0, PROBLEMS_MAX)
        .map((problem) => `shard ${this.#shard.index}: ${problem}`),
    };
  }

  /** What else is wrong, in words. A variant is counted, and not held to rules that it means to break. */
  async #wrong(): Promise<readonly string[]> {
    const world = this.#open;
    if (this.#variant.resources !== undefined) return [];
    const { letters } = await world.engine.dead();
    const broken = await brokenInvariants(world, { memory: false });
    const crashes = sumOf(this.#crashes);
    return [
      ...(world.lives === crashes + 1 ? [] : [`${world.lives} engines for ${crashes} crashes`]),
      ...letters.map(({ id, code }) => `run ${id} waits for a person: ${code}`),
      ...broken.map(({ rule, what }) => `${rule}: ${what}`),
    ];
  }
}

/** Lets requests that were let go arrive, held ones too. */
async function afterwards(world: World): Promise<void> {
  await world.pass(AFTERWARDS_MS);
  for (let turns = 0; turns < 50; turns += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
