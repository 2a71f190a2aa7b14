// A run in memory: its row as last committed, its coroutine while it is hot, and its pending calls, which
// outlive the coroutine's eviction.

import type { Failure } from "@holdfast/core";
import type { PendingCallState } from "../call/pending.ts";
import type { RunRow, RunState } from "../store/runs.ts";
import { Fold } from "./fold.ts";
import type { Machine, RunIdentity } from "./machine.ts";

export class LiveRun {
  readonly identity: RunIdentity;
  readonly row: RunRow;
  readonly calls = new Map<number, PendingCallState>();
  /** As last committed. */
  state: RunState;
  fold: Fold = new Fold();
  machine: Machine | undefined;
  problem: Failure | undefined;
  /** When the run came to rest; moves on with each activation. */
  parkedAt = 0;

  constructor(row: RunRow, namespace: string) {
    this.row = row;
    this.state = row.state;
    this.problem = row.state.problem;
    this.identity = {
      id: row.id,
      runId: row.runId,
      workflow: row.workflow,
      account: row.account,
      namespace,
      root: row.root,
      generation: row.generation,
    };
  }

  get closed(): boolean {
    return this.state.closedAt !== undefined;
  }
}
