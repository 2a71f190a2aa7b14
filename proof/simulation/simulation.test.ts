// The simulation: seeds hold every invariant, the same seed is the same play, a planted bug turns it red, and
// everything it is to meet happens. `npm test -- --all` plays hundreds of seeds.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Counts } from "./counts.ts";
import { playMany } from "./jobs.ts";
import { OFTEN, SELDOM } from "./kinds.ts";
import { type Played, play } from "./play.ts";
import { REGRESSIONS } from "./regressions.ts";
import { describeFailure } from "./report.ts";

const isAll = process.env["HOLDFAST_TEST_ALL"] !== undefined;
const SEEDS = isAll ? 400 : 40;

function assertWhole(played: Played): void {
  assert.deepEqual(played.findings, [], describeFailure(played));
}

test(`${SEEDS} seeds hold every invariant, and meet what they are to meet`, async (t: TestContext) => {
  const counts = new Counts();
  const failed: Played[] = [];
  await playMany({
    from: 1,
    seeds: SEEDS,
    jobs: 2,
    goesOn: () => true,
    onPlayed: (played) => {
      counts.addAll(played.counts);
      if (played.findings.length > 0) failed.push(played);
    },
  });
  assert.equal(failed.map(describeFailure).join("\n"), "");
  const wanted = isAll ? [...OFTEN, ...SELDOM] : OFTEN;
  assert.deepEqual(
    wanted.filter((name) => counts.of(name) === 0),
    [],
    "these kinds did not happen",
  );
  t.diagnostic(JSON.stringify(counts.all));
});

for (const { seed, found } of REGRESSIONS) {
  test(`seed ${seed}, which has found: ${found}`, async () => {
    assertWhole(await play(seed, { memory: true }));
  });
}

test("the same seed is the same play, line by line", async () => {
  const traces = [];
  for (let times = 0; times < 2; times += 1) {
    const lines: string[] = [];
    await play(7, { trace: (line) => lines.push(line) });
    traces.push(lines.join("\n"));
  }
  assert.ok((traces[0] ?? "").length > 5_000);
  assert.equal(traces[0], traces[1]);
});

test("keys that change with each attempt turn the simulation red", async () => {
  let number = 0;
  const red: string[] = [];
  for (let seed = 1; seed <= 10; seed += 1) {
    const { findings } = await play(seed, {
      between: (send) => (input, init) => {
        const headers = new Headers(init?.headers);
        if (headers.has("idempotency-key")) headers.set("idempotency-key", `planted-${number++}`);
        return send(input, { ...init, headers });
      },
    });
    red.push(...findings.map(({ rule }) => rule));
  }
  assert.ok(red.includes("one effect"), red.join(", "));
});
