// The seeds behind an agent's bets. There are always two: the one that is played, and the next, whose hash is
// published before the agent chooses a client seed for it, so that the venue cannot choose it to fit.

import type { Context } from "../command/context.ts";
import type { Seed } from "../store/casino-table.ts";
import { seedHash } from "./digest.ts";

export interface SeedPair {
  readonly active: Seed;
  readonly next: Seed;
}

type Needs = Pick<Context, "store" | "identities" | "agent" | "at">;

/** The agent's two seeds; made when they are asked for first, with the agent's id as client seed. */
export function seedsOf(context: Needs): SeedPair {
  const { store, agent, at } = context;
  const active = store.casino.seed(agent, "active");
  const next = store.casino.seed(agent, "next");
  if (active !== undefined && next !== undefined) return { active, next };
  const first = makeNext(context);
  store.casino.activate(first.id, agent, at);
  return { active: { ...first, clientSeed: agent, state: "active" }, next: makeNext(context) };
}

export interface Rotation extends SeedPair {
  /** The one that was played until now. */
  readonly revealed: Seed;
}

/** Reveals the active seed, plays the next one from now on, and makes another next. */
export function rotateSeeds(context: Needs, clientSeed: string | undefined): Rotation {
  const { store, at } = context;
  const { active, next } = seedsOf(context);
  const chosen = clientSeed ?? active.clientSeed;
  store.casino.reveal(active.id, at);
  store.casino.activate(next.id, chosen, at);
  return {
    revealed: { ...active, state: "revealed" },
    active: { ...next, clientSeed: chosen, state: "active" },
    next: makeNext(context),
  };
}

function makeNext({ store, identities, agent, at }: Needs): Seed {
  const serverSeed = identities.serverSeed(`${agent}/${store.casino.countSeeds(agent)}`);
  store.casino.insertSeed({ agent, serverSeed, serverSeedHash: seedHash(serverSeed), at });
  const made = store.casino.seed(agent, "next");
  if (made === undefined) throw new Error("The seed that was just made is not there.");
  return made;
}
