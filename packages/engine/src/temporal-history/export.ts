// Exports a run of an engine or reader: its journal, of any generation, in Temporal's model.

import { HoldfastError } from "@holdfast/core";
import type { EmbeddedEngine } from "../engine.ts";
import { recordedRun } from "../run/recorded.ts";
import type { RunRow } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { type TemporalHistory, toTemporalHistory } from "./history.ts";

/** Runs listed in one go. */
const PAGE = 1_000;

/**
 * The history of the newest run with this id, or of one of its generations.
 *
 * @throws HF-RUN-UNKNOWN
 */
export function temporalHistory(
  engine: Pick<EmbeddedEngine, "inspect">,
  id: string,
  generation?: number,
): Promise<TemporalHistory> {
  return engine.inspect((store) =>
    toTemporalHistory(recordedRun(store, find(store, id, generation))),
  );
}

function find(store: Store, id: string, generation: number | undefined): RunRow {
  const latest = store.runs.latest(id);
  if (latest === undefined) throw unknown(id, "no run has this id");
  if (generation === undefined || generation === latest.generation) return latest;
  for (let cursor: string | undefined = String(latest.row); cursor !== undefined;) {
    const page: readonly RunRow[] = store.runs.list({ idPrefix: id, cursor }, PAGE);
    const found = page.find(
      (run) => run.id === id && run.root === latest.root && run.generation === generation,
    );
    if (found !== undefined) return found;
    cursor = page.length < PAGE ? undefined : String(page.at(-1)?.row);
  }
  throw unknown(id, `it has no generation ${generation}, and is in number ${latest.generation}`);
}

function unknown(id: string, why: string): HoldfastError {
  return new HoldfastError("HF-RUN-UNKNOWN", `Cannot export run "${id}": ${why}.`, {
    class: "data",
    disposition: "refused",
    outcome: "not-sent",
  });
}
