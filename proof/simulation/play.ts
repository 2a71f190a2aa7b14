// Plays one scenario: a world, those outside, mishaps, and in the end every invariant. The seed decides all of it.

import { dca, escrowPayment, openAgent, riskMonitor } from "@holdfast/agents";
import { toFailure } from "@holdfast/core";
import { VIRTUAL_START } from "@holdfast/testing/clock";
import { type Broken, brokenInvariants, sleepersIn } from "../world/invariants.ts";
import { World, type WorldOptions } from "../world/world.ts";
import { type Outside as Surroundings, castOf } from "./cast.ts";
import { Counts } from "./counts.ts";
import { Misfortune } from "./misfortune.ts";
import { Outside } from "./outside.ts";
import { Person } from "./person.ts";
import { type Scenario, scenarioOf } from "./scenario.ts";

/** A broken invariant, or a play that did not come to its end. */
export interface Finding {
  readonly rule: Broken["rule"] | "play";
  readonly what: string;
}

export interface Played {
  readonly seed: string;
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<string, number>>;
  /** Virtual milliseconds. */
  readonly tookMs: number;
}

export interface PlayOptions {
  readonly trace?: (line: string) => void;
  /** Whether to look for memory that is not given back. Default: for one seed in ten. */
  readonly memory?: boolean;
  /** What stands between clients and the venue, for planted bugs. */
  readonly between?: WorldOptions["between"];
}

const MEMORY_EACH = 10;
/** After so many jumps of time it is looked whether all that is open will wake. */
const LOOK_EACH = 37;

/** How a run of a play may fail: as it was written, or because the venue has refused or forgotten something. */
const MAY_FAIL: ReadonlySet<string> = new Set([
  // The journal was lost, and the secret was not.
  "HF-ACCOUNT-REGISTERED",
  "HF-RESOLVED-NOT-DONE",
  "HF-SAGA-INCOMPLETE",
  // A person has given up a child.
  "HF-TERMINATED",
  "HF-TOTAL-EXCEEDED",
  "SIM-NO-VISA",
  "SIM-SHUT",
]);

export async function play(seed: number, options: PlayOptions = {}): Promise<Played> {
  const counts = new Counts();
  const surroundings: Surroundings = { isOpen: false, tokens: new Map() };
  const cast = castOf(surroundings);
  const name = String(seed);
  const scenario = scenarioOf(name, cast, VIRTUAL_START);
  options.trace?.(JSON.stringify(scenario, undefined, 2));
  const misfortune = new Misfortune(scenario.mishaps, counts);
  await using world = await World.open({
    seed: name,
    definitions: [dca, escrowPayment, openAgent, riskMonitor, ...Object.values(cast)],
    accounts: [...scenario.accounts, "payee"],
    engine: scenario.engine,
    venue: { faults: scenario.faults },
    onPoint: (point) => misfortune.meet(point),
    whileAway: () => {
      misfortune.whileAway();
    },
    ...(options.trace === undefined ? {} : { trace: options.trace }),
    ...(options.between === undefined ? {} : { between: options.between }),
  });
  const findings: Finding[] = [];
  const find = (what: string): void => void findings.push({ rule: "play", what });
  try {
    const stage = { world, scenario, misfortune, surroundings, counts };
    findings.push(...(await perform(stage)));
    const memory = options.memory ?? seed % MEMORY_EACH === 0;
    findings.push(...(await brokenInvariants(world, { memory })));
  } catch (error) {
    find(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  await count(world, counts, find).catch((error: unknown) => {
    find(`cannot count: ${toFailure(error).message}`);
  });
  return { seed: name, findings, counts: counts.all, tookMs: world.clock.now() - VIRTUAL_START };
}

interface Stage {
  readonly world: World;
  readonly scenario: Scenario;
  readonly misfortune: Misfortune;
  readonly surroundings: Surroundings;
  readonly counts: Counts;
}

/** Plays to the end; gives what stays open, and what surprised those outside. */
async function perform(stage: Stage): Promise<readonly Finding[]> {
  const { world, scenario, misfortune, surroundings, counts } = stage;
  const outside = new Outside(world, counts);
  const person = new Person({ world, outside, surroundings, counts });
  misfortune.onLost = () => {
    outside.sendAllAgain();
  };
  misfortune.begin(world);
  world.clock.setTimer(world.clock.now() + scenario.opensAt, () => {
    surroundings.isOpen = true;
  });
  let isOver = false;
  const all = Promise.all([
    outside.play(scenario.requests).then(() => {
      isOver = true;
    }),
    outside.ask(scenario.questions),
    person.watch(() => isOver && surroundings.isOpen && world.venue.isUp),
  ]);
  const asleep: Finding[] = [];
  let jumps = 0;
  const [, , open] = await world.drive(all, async (instant) => {
    misfortune.tend();
    // What is due at this very instant has not come yet.
    if (instant <= world.clock.now()) return;
    jumps += 1;
    if (jumps % LOOK_EACH === 0) asleep.push(...(await looked(world, counts)));
  });
  // It may have died when all was over.
  if (!world.venue.isUp) world.venue.reopen();
  const said = [...open.map((what) => `the play does not end: ${what}`), ...outside.surprises];
  return [...asleep, ...said.map((what): Finding => ({ rule: "play", what }))];
}

/** Looks in the middle of a play whether all that is open will wake. */
async function looked(world: World, counts: Counts): Promise<readonly Finding[]> {
  try {
    const found = await sleepersIn(world);
    counts.add("looked in the middle");
    return found;
  } catch (error) {
    // The disk has just failed.
    if (toFailure(error).disposition === "retry") return [];
    throw error;
  }
}

/** What happened, beside what was made to happen. */
async function count(world: World, counts: Counts, find: (what: string) => void): Promise<void> {
  for (const [kind, hits] of world.venue.hits()) counts.add(`fault ${kind}`, hits);
  const { runs } = await world.engine.list({ limit: 1_000 });
  // Of its own will, or because it has forgotten what was done.
  const mayRefuse = counts.of("fault reject") > 0 || world.restored.venue !== undefined;
  counts.add("runs", runs.length);
  for (const { id, status, generation } of runs) {
    counts.add(`run ${status}`);
    if (generation > 0) counts.add("generation");
    if (status !== "failed") continue;
    const { failure } = await world.engine.describe(id);
    const code = failure?.code ?? "nothing";
    counts.add(`failed with ${code}`);
    if (!MAY_FAIL.has(code) && !(code === "HF-VENUE-REFUSED" && mayRefuse))
      find(`run "${id}" failed with ${code}: ${failure?.message ?? ""}`);
  }
  const audit = world.venue.audit();
  counts.add("effects", world.venue.effects().length);
  counts.add("replayed by the venue", audit.replays);
  counts.add("engine lives", world.lives);
}
