// What stays while the engines of a test come and go: time, the venue, the journal, and how an engine is
// opened on them. Its seed decides everything that is otherwise random.

import {
  type GuardPolicy,
  type Log,
  type Provided,
  seededRandom,
  silentLog,
  uuidFrom,
} from "@holdfast/core";
import { type Definition, memoryJournal } from "@holdfast/engine";
import { VIRTUAL_START, VirtualClock } from "@holdfast/testing/clock";
import { type Config, accountsOf } from "../config/config.ts";
import { type OpenLife, definitionsOf, engineOpener } from "./engine-opener.ts";
import { TestVenue, type TestVenueOptions } from "./test-venue.ts";

export interface WorldOptions {
  /** Workflows of the test, and activities where their names should be checked. */
  readonly definitions?: readonly Definition[] | undefined;
  /** A project's configuration: its workflows, accounts and resources. Its fleet waits for `launch`. */
  readonly config?: Config | undefined;
  /** Agents at the venue. Default: the configuration's, or "default". */
  readonly accounts?: readonly string[] | undefined;
  /** What agents may do. Default: the configuration's guard. */
  readonly guard?: GuardPolicy | undefined;
  /** Resources beside the venue's client; of two with one name the later counts, and these come last. */
  readonly resources?:
    | readonly Provided[]
    | ((venue: TestVenue) => readonly Provided[])
    | undefined;
  /** The same seed gives the same prices, ids, keys and delays. Default "test". */
  readonly seed?: string | undefined;
  /** Where virtual time begins, in milliseconds since the epoch. Default: 2026-01-05T09:00:00Z, a Monday. */
  readonly start?: number | undefined;
  readonly venue?: TestVenueOptions | undefined;
  /** Journal file. Default: in memory, where it outlives a crash as well. */
  readonly journal?: string | undefined;
  /** History entries from which `ctx.loop` continues as new. Default 4,096. */
  readonly historySuggest?: number | undefined;
  /** Default: silent. */
  readonly log?: Log | undefined;
}

export interface World {
  readonly clock: VirtualClock;
  readonly venue: TestVenue;
  readonly newId: () => string;
  /** What the next engine runs. */
  definitions: readonly Definition[];
  readonly open: OpenLife;
  /** Lets time pass that no engine sees. */
  readonly pass: (ms: number) => Promise<void>;
}

/** Opens a world; what it takes is given back with the stack. */
export async function openWorld(
  options: WorldOptions,
  opened: AsyncDisposableStack,
): Promise<World> {
  const { config = {}, seed = "test", start = VIRTUAL_START, resources = [] } = options;
  const clock = new VirtualClock(start);
  const path = options.journal ?? opened.use(memoryJournal()).path;
  const paper = config.venue?.kind === "paper" ? config.venue : undefined;
  const venue = opened.use(
    await TestVenue.open({
      grant: paper?.grant,
      seed: paper?.seed,
      ...options.venue,
      accounts: options.accounts ?? accountsOf(config),
      identitySeed: seed,
      start,
    }),
  );
  const random = seededRandom(`${seed}/ids`);
  const newId = (): string => uuidFrom(random);
  const world: World = {
    clock,
    venue,
    newId,
    definitions: definitionsOf(config, options.definitions),
    open: engineOpener({
      path,
      clock,
      seed,
      newId,
      venue,
      config,
      namespace: "test",
      durability: "relaxed",
      definitions: () => world.definitions,
      own: typeof resources === "function" ? resources(venue) : resources,
      log: options.log ?? silentLog,
      guard: options.guard ?? config.guard,
      historySuggest: options.historySuggest,
    }),
    pass: async (ms) => {
      const instant = clock.now() + ms;
      await venue.advanceTo(instant);
      clock.advanceTo(instant);
    },
  };
  return world;
}
