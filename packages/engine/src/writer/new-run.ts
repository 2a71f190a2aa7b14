// A run that a turn begins.

import { LiveRun } from "../run/live-run.ts";
import type { RunRow } from "../store/runs.ts";

export interface RunMaker {
  readonly namespace: string;
  readonly newId: () => string;
  readonly nextRow: () => number;
}

export function newRun(maker: RunMaker, of: Omit<RunRow, "row" | "runId" | "state">): LiveRun {
  return new LiveRun(
    {
      ...of,
      row: maker.nextRow(),
      runId: `run_${maker.newId()}`,
      state: {
        status: "running",
        active: true,
        wakeAt: undefined,
        closedAt: undefined,
        cancelRequested: false,
        problem: undefined,
      },
    },
    maker.namespace,
  );
}
