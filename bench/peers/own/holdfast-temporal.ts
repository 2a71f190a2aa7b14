// Holdfast on Temporal: the same definitions as on its own engine, served to the server by this process.

import { fileURLToPath } from "node:url";
import { silentLog } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { temporal } from "@holdfast/temporal";
import { steps } from "../../step.ts";
import type { Opened, Peer, Place } from "../peer.ts";
import { ownName } from "../own-name.ts";
import { ownVersion, pinned } from "../version.ts";
import { effects, group, placeAt, sandboxedSleeper } from "./definitions.ts";
import { openedOn } from "./opened.ts";

const module = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

async function open(place: Place): Promise<Opened> {
  placeAt(place);
  const own = ownName(place);
  const engine = await temporal({
    address: place.addresses["temporal"] ?? "",
    namespace: "holdfast",
    taskQueue: own,
    prefix: `${own}/`,
    keys: "bench",
    setup: true,
    drainMs: 1_000,
  }).open({
    modules: [module("definitions.ts"), module("../../step.ts")],
    workflows: [steps, group, sandboxedSleeper, effects],
    activities: [],
    resources: [],
    clock: systemClock,
    log: silentLog,
  });
  return openedOn(engine, sandboxedSleeper);
}

export const peer: Peer = {
  about: {
    version: `@holdfast/temporal ${ownVersion()} on ${pinned("@temporalio/worker")}`,
    durability: "the server's database: SQLite WAL, synchronous=FULL, where the runner starts it",
    settings: [
      "the server's limits as for Temporal itself; each step has a zod schema on both sides",
    ],
    notes: [
      "W4 begins its sleep after one activity more, which tells when",
      "W6 kills the worker; the server gives its attempts to another one when it has heard nothing of them for 10 s",
    ],
  },
  open,
};
