// Time in journals: what a run was told of it never goes back, over all generations of a run.

import type { Play } from "./play.ts";
import type { Broken } from "./rule.ts";

export function* journalRules({ runs }: Play): Iterable<Broken> {
  const latest = new Map<string, number>();
  for (const { run, rows } of runs) {
    for (const { at, sequence } of rows) {
      const before = latest.get(run.id) ?? 0;
      if (at < before) {
        const what = `run "${run.id}" is at ${before} and then, at entry ${sequence}, at ${at}`;
        yield { rule: "time", what };
      }
      latest.set(run.id, Math.max(before, at));
    }
  }
}
