// A process of its own that plays `crossing-play.ts` on real time, and kills itself with SIGKILL at a named
// moment when it is told to. It prints what became of the runs.

import { appendFileSync, existsSync, readFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { type EmbeddedEngine, openEngine } from "@holdfast/engine";
import { type Crossing, type Shop, crossing } from "./crossing.ts";
import { type Stage, outcomeOf, playNew, playOld } from "./crossing-play.ts";
import { until } from "./until.ts";

const { values } = parseArgs({
  options: {
    journal: { type: "string", default: "" },
    /** Where effects land: a file with a line for each send, which outlives the process. */
    shop: { type: "string", default: "" },
    /** The n-th of all moments at which it dies; 0 for never. */
    kill: { type: "string", default: "0" },
  },
});

const OPEN = "open";
const lines = (): readonly string[] =>
  existsSync(values.shop) ? readFileSync(values.shop, "utf8").split("\n") : [];
const shop: Shop = {
  get isOpen() {
    return lines().includes(OPEN);
  },
  open() {
    appendFileSync(values.shop, `${OPEN}\n`);
  },
  apply({ key, ref }) {
    appendFileSync(values.shop, `${key}\t${ref}\n`);
  },
};

let moments = 0;
const codeOf = (isNew: boolean): Crossing => crossing({ shop, hour: 1, isNew });
const openWith = (isNew: boolean): Promise<EmbeddedEngine> =>
  openEngine({
    path: values.journal,
    definitions: Object.values(codeOf(isNew)),
    historySuggest: 12,
    point: () => {
      moments += 1;
      if (moments === Number(values.kill)) process.kill(process.pid, "SIGKILL");
    },
  });

const stageOf = (engine: EmbeddedEngine): Stage => ({
  engine,
  client: engine.client,
  shop,
  drive: (promise) => promise,
  until,
});

const before = await openWith(false);
await playOld(stageOf(before), codeOf(false));
await before.close();
const engine = await openWith(true);
await playNew(stageOf(engine), codeOf(true));
const outcome = await outcomeOf(engine);
const problems = await engine.verify();
await engine.close();
writeSync(1, `${JSON.stringify({ outcome, problems, moments })}\n`);
