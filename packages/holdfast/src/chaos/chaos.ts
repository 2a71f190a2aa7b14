// Lets chaos loose on an agent for some real seconds: the paper venue fails, is slow, loses answers and shows old
// prices, and the engine crashes where that is asked for. Then it becomes calm, what is open comes to its end, and
// the journal is held against the venue's ledger. It reports; it never decides what an agent should do.

import { type Client, type Clock, type Schemas, type Workflow, createClient } from "@holdfast/core";
import { openReader, systemClock } from "@holdfast/engine";
import { type Config, accountsOf } from "../config/config.ts";
import { decidedCalls } from "../verify/outcome.ts";
import { Counts } from "./counts.ts";
import { CHAOS_DEFAULTS, CHAOS_RUNS_MAX, CHAOS_SETTLE_MS } from "./defaults.ts";
import { pause } from "./pause.ts";
import { type Asked, type ChaosPlan, planOf } from "./plan.ts";
import { type ChaosReport, type Seen, reportOf } from "./report.ts";
import { type Subject, assertHarmless } from "./subject.ts";
import { type ChaosWorld, openChaosWorld } from "./world.ts";

export interface ChaosOptions extends Asked {
  /** A project's configuration: its accounts, resources and paper venue. */
  readonly config?: Config | undefined;
  /** Default "chaos". */
  readonly id?: string | undefined;
  /** Default: the first of the configuration. */
  readonly account?: string | undefined;
  /** Default "chaos"; another seed lets other calls fail. */
  readonly seed?: string | undefined;
  /** Whether the engine crashes now and then. Default false. */
  readonly kill?: boolean | undefined;
  /** Ends the time before it is over. */
  readonly signal?: AbortSignal | undefined;
  /** Told about once a second. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
}

export interface Progress {
  readonly seconds: number;
  readonly of: number;
  readonly calls: number;
  readonly injections: number;
  readonly effects: number;
  readonly crashes: number;
  /** When the time is over: calls that have not come to their end yet. */
  readonly open?: number | undefined;
}

const TELL_MS = 1_000;
const LOOK_MS = 250;
const REST_MS = 5_000;
const REST_LOOK_MS = 5;

/**
 * Runs an agent for some real seconds on a paper venue that fails, and counts at the venue what it did.
 *
 * @throws HF-CHAOS-INVALID, HF-CHAOS-LIVE, HF-INPUT-INVALID, HF-DURATION-INVALID, HF-DEFINITION-DUPLICATE
 * @example
 * const report = await chaos(weekly, plan, { seconds: 10, failureRate: 0.3, kill: true });
 * assert.equal(report.verdict, "held");
 */
export async function chaos<Input, Output, S extends Schemas, Q extends Schemas>(
  workflow: Workflow<Input, Output, S, Q>,
  input: NoInfer<Input>,
  options: ChaosOptions = {},
): Promise<ChaosReport> {
  const plan = planOf(options);
  const { config = {}, clock = systemClock, seed = CHAOS_DEFAULTS.seed, kill = false } = options;
  const { id = CHAOS_DEFAULTS.id, account = accountsOf(config)[0] ?? "default" } = options;
  const subject: Subject = { config, workflow, input, id, account, seed, kill };
  assertHarmless(subject);
  await using opened = new AsyncDisposableStack();
  const world = await openChaosWorld(subject, clock, opened);
  return reportOf(subject, plan, await live({ subject, plan, world, clock, options }));
}

interface Stage {
  readonly subject: Subject;
  readonly plan: ChaosPlan;
  readonly world: ChaosWorld;
  readonly clock: Clock;
  readonly options: ChaosOptions;
}

/** The time of chaos, and the calm after it. @throws what the start of the run is refused with */
async function live(stage: Stage): Promise<Seen> {
  const { subject, plan, world, clock, options } = stage;
  const { venue, engine } = world;
  const counts = new Counts();
  venue.faults.watch(counts.note);
  const begun = clock.now();
  for (const rule of plan.rules(begun)) venue.faults.add(rule);
  const client = createClient({ engine, newId: world.newId });
  const over = new AbortController();
  const first = await start(client, subject, subject.id);
  const runs = [first.id];
  const acting = actAgain(client, subject, { first, runs, over: over.signal });
  // An agent that has failed does nothing more.
  void acting.then(() => {
    over.abort();
  });
  const { signal } = options;
  const until = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  await passTime(stage, counts, until);
  const durationMs = clock.now() - begun;
  const { modes } = await engine.guardStatus();
  over.abort();
  venue.faults.clear();
  world.calm();
  counts.stop();
  await settle(stage, counts, durationMs);
  const problems = await engine.verify();
  await atRest(world, clock);
  await engine[Symbol.asyncDispose]();
  await acting;
  // Whom nobody waits for any more, the venue still answers.
  while ((await venue.held()).length > 0) await pause(clock, LOOK_MS);
  return { ...(await look(world, runs)), counts, modes, durationMs, problems };
}

function start(client: Client, { workflow, input, account }: Subject, id: string) {
  return client.start(workflow, input, { id, account });
}

interface Acting {
  readonly first: Awaited<ReturnType<typeof start>>;
  /** Ids of the runs so far. */
  readonly runs: string[];
  readonly over: AbortSignal;
}

/** Starts the run again, under another id, each time that it has completed; resolves where none is to follow. */
async function actAgain(client: Client, subject: Subject, acting: Acting): Promise<void> {
  const { runs, over } = acting;
  let run = acting.first;
  try {
    for (;;) {
      await run.result();
      if (over.aborted || runs.length >= CHAOS_RUNS_MAX) return;
      run = await start(client, subject, `${subject.id}~${runs.length + 1}`);
      runs.push(run.id);
    }
  } catch {
    // It failed, or the engine was closed: the journal says which.
  }
}

async function passTime(stage: Stage, counts: Counts, until: AbortSignal): Promise<void> {
  const { plan, clock, options } = stage;
  const begun = clock.now();
  const end = begun + plan.seconds * 1_000;
  while (clock.now() < end && !until.aborted) {
    await pause(clock, Math.min(TELL_MS, end - clock.now()), until);
    options.onProgress?.(await progressOf(stage, counts, clock.now() - begun));
  }
}

async function progressOf(
  { plan, world }: Stage,
  { calls, injections }: Counts,
  ms: number,
): Promise<Progress> {
  const { effects, unnamed } = await world.venue.audit();
  const counted = { calls, injections, effects: effects + unnamed, crashes: world.crashes() };
  return { seconds: ms / 1_000, of: plan.seconds, ...counted };
}

/** Waits, within a limit, until what is open now has come to its end; what is decided meanwhile may stay open. */
async function settle(stage: Stage, counts: Counts, durationMs: number): Promise<void> {
  const { world, clock, options } = stage;
  const end = clock.now() + CHAOS_SETTLE_MS;
  const openNow = async (): Promise<ReadonlySet<string>> => {
    const calls = await world.engine.inspect(decidedCalls);
    return new Set(calls.filter(({ state }) => state === "open").map(({ key }) => key));
  };
  const first = await openNow();
  for (let open = first; open.size > 0; open = first.intersection(await openNow())) {
    if (clock.now() >= end) return;
    options.onProgress?.({ ...(await progressOf(stage, counts, durationMs)), open: open.size });
    await pause(clock, LOOK_MS);
  }
}

/** Waits, for a moment, until no call is on its way: what is cut off then is open, and tells nothing. */
async function atRest({ engine }: ChaosWorld, clock: Clock): Promise<void> {
  const end = clock.now() + REST_MS;
  while (engine.inFlight > 0 && clock.now() < end) await pause(clock, REST_LOOK_MS);
}

/** What the journal and the ledger hold in the end. */
async function look(
  { venue, journal, crashes, opens }: ChaosWorld,
  runs: readonly string[],
): Promise<Omit<Seen, "counts" | "modes" | "durationMs" | "problems">> {
  using reader = openReader(journal);
  const last = await reader.describe(runs.at(-1) ?? "");
  return {
    runs: runs.length,
    status: last.status,
    problem: last.problem,
    failure: last.failure,
    calls: await reader.inspect(decidedCalls),
    deadLetters: (await reader.dead()).total,
    effects: await venue.effects(),
    audit: await venue.audit(),
    keeps: (key) => venue.keeps(key),
    crashes: crashes(),
    opens: opens(),
  };
}
