// A run in memory: its row as last committed, its coroutine while it is hot, and its pending calls, which
// outlive the coroutine's eviction.

import type { Failure } from "@holdfast/core";
import type { PendingCallState } from "../call/pending.ts";
import type { RunParent, RunRow, RunState } from "../store/runs.ts";
import { Fold } from "./fold.ts";
import type { RunIdentity } from "./identity.ts";
import type { Machine } from "./machine.ts";

export class LiveRun {
  readonly identity: RunIdentity;
  readonly row: RunRow;
  readonly calls = new Map<number, PendingCallState>();
  /** Who waits for its end; a later run of the same root may take it over. */
  parent: RunParent | undefined;
  /** As last committed. */
  state: RunState;
  fold: Fold = new Fold();
  machine: Machine | undefined;
  problem: Failure | undefined;
  /** True when it stands among the dead letters. */
  hasLetter = false;
  /** When the run came to rest; moves on with each activation. */
  parkedAt = 0;
  /** Its neighbours among the runs in memory: those at rest for longer, and for less long. */
  older: LiveRun | undefined;
  newer: LiveRun | undefined;

  constructor(row: RunRow, namespace: string) {
    this.row = row;
    this.state = row.state;
    this.problem = row.state.problem;
    this.parent = row.parent;
    this.identity = {
      id: row.id,
      runId: row.runId,
      workflow: row.workflow,
      account: row.account,
      namespace,
      root: row.root,
      generation: row.generation,
      parent: row.parent?.id,
    };
  }

  get closed(): boolean {
    return this.state.closedAt !== undefined;
  }
}
