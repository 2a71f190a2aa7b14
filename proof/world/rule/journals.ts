// Runs of one id: one after the other, so that what they are told of time never goes back, and at most the last is open.

import type { Play } from "./play.ts";
import type { Broken } from "./rule.ts";

export function* journalRules({ runs }: Play): Iterable<Broken> {
  const latest = new Map<string, number>();
  const open = new Map<string, number>();
  for (const { run, rows } of runs) {
    const { id, row } = run;
    const other = open.get(id);
    if (other !== undefined) {
      const what = `run "${id}" began in row ${row} while that of row ${other} is open`;
      yield { rule: "one open run of an id", what };
    }
    if (run.state.closedAt === undefined) open.set(id, row);
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
