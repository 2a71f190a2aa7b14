// The world of a run under chaos: a paper venue of its own in a temporary folder, on the machine's clock, and an
// engine that can crash and come back. Nothing of the project's state is read or written.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, seededRandom, silentLog, uuidFrom } from "@holdfast/core";
import { type Config, accountsOf } from "../config/config.ts";
import { CrashableEngine } from "../testing/crashable-engine.ts";
import { definitionsOf, engineOpener } from "../testing/engine-opener.ts";
import { TestVenue } from "../testing/test-venue.ts";
import { CHAOS_AWAY_MS, CHAOS_KILL_CHANCE } from "./defaults.ts";
import { pause } from "./pause.ts";
import type { Subject } from "./subject.ts";

export interface ChaosWorld {
  readonly venue: TestVenue;
  readonly engine: CrashableEngine;
  readonly newId: () => string;
  /** The journal's file. */
  readonly journal: string;
  /** How often the engine has crashed. */
  readonly crashes: () => number;
  /** How often a breaker has opened. */
  readonly opens: () => number;
  /** No crash from now on. */
  readonly calm: () => void;
}

/** Opens it; what it takes is given back with the stack, the folder last. */
export async function openChaosWorld(
  { config, workflow, seed, kill }: Subject,
  clock: Clock,
  opened: AsyncDisposableStack,
): Promise<ChaosWorld> {
  const folder = temporary(opened);
  const journal = join(folder, "journal.sqlite");
  const venue = await openVenue(config, seed, folder);
  opened.use(venue);
  const random = seededRandom(`${seed}/ids`);
  const newId = (): string => uuidFrom(random);
  const crash = seededRandom(`${seed}/crashes`);
  let crashes = 0;
  let opens = 0;
  let isWild = kill;
  const engine = await CrashableEngine.open({
    open: engineOpener({
      path: journal,
      clock,
      seed,
      newId,
      venue,
      config,
      namespace: "chaos",
      durability: config.durability ?? "full",
      // As the host has them.
      policies: config.policies ?? {},
      guard: config.guard,
      onBreaker: ({ to }) => {
        if (to === "open") opens += 1;
      },
      definitions: () => definitionsOf(config, [workflow]),
      own: [],
      log: silentLog,
    }),
    crashes() {
      if (!isWild || crash.next() >= CHAOS_KILL_CHANCE) return undefined;
      crashes += 1;
      return CHAOS_AWAY_MS;
    },
    away: (ms) => pause(clock, ms),
  });
  opened.use(engine);
  return {
    venue,
    engine,
    newId,
    journal,
    crashes: () => crashes,
    opens: () => opens,
    calm: () => {
      isWild = false;
    },
  };
}

/** A folder that is gone when the stack, or the process, has ended. */
function temporary(opened: AsyncDisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-chaos-"));
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", remove);
  opened.defer(remove);
  return folder;
}

function openVenue(config: Config, seed: string, folder: string): Promise<TestVenue> {
  const paper = config.venue?.kind === "paper" ? config.venue : undefined;
  return TestVenue.open({
    grant: paper?.grant,
    seed: paper?.seed,
    accounts: accountsOf(config),
    identitySeed: seed,
    path: join(folder, "venue.sqlite"),
  });
}
