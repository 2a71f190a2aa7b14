// What a year of a weekly plan costs under virtual time, start to result: over HTTP against the paper venue
// with files on both sides, and in memory against a venue that answers at once, as a quick test would have it.
// The floors do what its purchases must: two rows a week, and over HTTP a request to a server that commits one.
// That the plan looks at the price before each purchase is in its own figures alone.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { dca } from "@holdfast/agents";
import { provide } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { purpleFlea } from "@holdfast/purpleflea";
import { VirtualClock, drive } from "@holdfast/testing";
import { Floor, appendRows } from "../floor.ts";
import { instantVenue } from "../instant-venue.ts";
import { type Part, type Workload, journalIn, timed } from "../workload.ts";

const WEEKS = 52;
const plan = { symbol: "BTC-PERP", amountUsd: "25.00", every: "1w", periods: WEEKS } as const;
const id = "dca-btc";

function checkBought(bought: number): void {
  if (bought !== WEEKS) throw new Error(`The plan bought in ${bought} of ${WEEKS} weeks.`);
}

const engineOverHttp: Part = async () => {
  // Imported here, so that the other workloads do not load the paper venue.
  const { Scene } = await import("../../test/harness/scene.ts");
  await using scene = await Scene.open({ definitions: [dca] });
  return [
    await timed(async () => {
      const run = await scene.client.start(dca, plan, { id });
      checkBought((await scene.drive(run.result())).bought);
    }),
  ];
};

const engineInMemory: Part = async () => {
  const clock = new VirtualClock();
  await using engine = await openEngine({
    path: ":memory:",
    definitions: [dca],
    clock,
    seed: "weeks",
    resources: [provide(purpleFlea, instantVenue)],
  });
  return [
    await timed(async () => {
      const run = await engine.client.start(dca, plan, { id });
      const report = await drive(run.result(), { clock, engines: () => [engine] });
      checkBought(report.bought);
    }),
  ];
};

/** A start, two rows around each week's purchase, and an end. */
async function bareWeeks(floor: Floor, purchase: (week: number) => Promise<unknown>) {
  await appendRows(floor, 0, 1);
  for (let week = 0; week < WEEKS; week += 1) {
    await appendRows(floor, 0, 1);
    await purchase(week);
    await appendRows(floor, 0, 1);
  }
  await appendRows(floor, 0, 1);
}

const floorOverHttp: Part = async (place) => {
  using journal = new Floor(journalIn(place));
  using venue = new Floor(join(place.folder, "venue.sqlite"));
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      void appendRows(venue, 0, 1).then(() => response.end("{}"));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const buy = async (): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "{}" });
    await answer.text();
  };
  const ms = await timed(() => bareWeeks(journal, buy));
  server.close();
  server.closeAllConnections();
  return [ms];
};

const floorInMemory: Part = async () => {
  using journal = new Floor(":memory:");
  return [await timed(() => bareWeeks(journal, async () => undefined))];
};

/** 52 weeks over HTTP, with files. */
export const weeksOverHttp: Workload = {
  figures: [{ id: "weeks.http_ms", unit: "ms", better: "lower" }],
  engine: engineOverHttp,
  floor: floorOverHttp,
};

/** 52 weeks in memory, with a venue that answers at once. */
export const weeksInMemory: Workload = {
  figures: [
    {
      id: "weeks.memory_ms",
      unit: "ms",
      better: "lower",
      target: { of: "value", aim: 100 },
    },
  ],
  engine: engineInMemory,
  floor: floorInMemory,
};
