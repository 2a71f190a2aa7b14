// What is handed to a process at work, and what it hands back. A task is a world of crashes, a world of kills, or a
// pattern; all are told by plain values.

import type { Kills } from "./kill/kills.ts";
import type { Shard } from "./plan.ts";
import type { Tally } from "./tally.ts";

export type Task =
  | { readonly kind: "shard"; readonly shard: Shard }
  | { readonly kind: "kills"; readonly kills: Kills }
  | { readonly kind: "pattern"; readonly name: string; readonly seed: string };

export type Told =
  | { readonly kind: "progress"; readonly effects: number }
  | { readonly kind: "done"; readonly tally: Tally }
  | { readonly kind: "failed"; readonly message: string };

/** For people: what it is, so that it can be repeated. */
export function nameOf(task: Task): string {
  switch (task.kind) {
    case "shard":
      return `shard ${task.shard.index}`;
    case "kills":
      return `kills ${task.kills.index}`;
    case "pattern":
      return `pattern "${task.name}"`;
  }
}
