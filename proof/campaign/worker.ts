// A process at work: takes one task after the other from the process that started it, and ends with it.

import { runKills } from "./kill/kills.ts";
import { runPattern } from "./pattern/patterns.ts";
import { runShard } from "./shard.ts";
import type { Tally } from "./tally.ts";
import type { Task, Told } from "./task.ts";

/** Effects between two words of progress. */
const TELL_EVERY = 100;

let untold = 0;

function tell(told: Told): void {
  process.send?.(told);
}

function progress(effects: number, least = TELL_EVERY): void {
  untold += effects;
  if (untold < least) return;
  tell({ kind: "progress", effects: untold });
  untold = 0;
}

function carryOut(task: Task): Promise<Tally> {
  switch (task.kind) {
    case "shard":
      return runShard(task.shard, {
        progress: (effects) => {
          progress(effects);
        },
      });
    case "kills":
      return runKills(task.kills, (effects) => {
        progress(effects);
      });
    case "pattern":
      return runPattern(task.name, task.seed);
  }
}

process.on("message", (task: Task) => {
  carryOut(task).then(
    (tally) => {
      progress(0, 1);
      tell({ kind: "done", tally });
    },
    (error: unknown) => {
      tell({
        kind: "failed",
        message: error instanceof Error ? String(error.stack) : String(error),
      });
    },
  );
});
// The one who started it decides when it ends, and its end is this one's.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => {
  process.exit();
});
