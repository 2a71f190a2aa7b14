// Memory: of runs that have closed nothing is held any more.

import type { World } from "../world.ts";
import type { Play } from "./play.ts";
import type { Broken } from "./rule.ts";

const COLLECTIONS = 10;

export async function memoryRule({ contexts }: World, { runs }: Play): Promise<readonly Broken[]> {
  const open = runs.filter(({ run }) => run.state.closedAt === undefined).length;
  let held = 0;
  // What is not collected at once may be the next time: it lay on the stack.
  for (let times = 0; times < COLLECTIONS; times += 1) {
    held = await contexts.held();
    if (held <= open) return [];
  }
  const what = `${held} contexts of workflows are held, and ${open} runs are open`;
  return [{ rule: "memory", what }];
}
