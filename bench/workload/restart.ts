// How long a paper venue with a million transfers takes from its opening to its first answer. The file is made
// once and opened again for each run. The floor opens the same file with bare node:sqlite and reads one row.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { micros } from "@holdfast/core";
import { createVenue } from "@holdfast/sandbox";
import type { Part, Place, Workload } from "../workload.ts";

/** Transfers that are made in one turn share a commit. */
const TURN = 200;

interface Made {
  readonly path: string;
  readonly agent: string;
}

let made: Promise<Made> | undefined;

async function make(transfers: number): Promise<Made> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-restart-"));
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, "venue.sqlite");
  using venue = createVenue({ path, clock: { mode: "real" }, durability: "relaxed" });
  const register = { operation: "register", name: "bench", description: "" } as const;
  const agent = String(venue.execute(register, { agent: "" }).body["agent_id"]);
  const deposit = { operation: "deposit", asset: "USDC", amount: micros(1n) } as const;
  for (let done = 0; done < transfers; done += TURN) {
    const turn = Array.from({ length: TURN }, () => venue.submit(deposit, { agent }));
    await Promise.all(turn);
  }
  return { path, agent };
}

const fileFor = (place: Place): Promise<Made> => (made ??= make(place.size(1_000_000, 2_000)));

const venue: Part = async (place) => {
  const { path, agent } = await fileFor(place);
  const start = performance.now();
  using opened = createVenue({ path });
  opened.balance(agent);
  return [performance.now() - start];
};

const bare: Part = async (place) => {
  const { path } = await fileFor(place);
  const start = performance.now();
  using database = new DatabaseSync(path);
  database.prepare("SELECT max(id) FROM transfer").get();
  return [performance.now() - start];
};

/** A venue with a million transfers: from opening its file to the first balance. */
export const venueRestart: Workload = {
  figures: [{ id: "venue.restart_ms", unit: "ms", better: "lower" }],
  engine: venue,
  floor: bare,
};
