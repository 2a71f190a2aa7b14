// What a run is, apart from what has happened to it.

export interface RunIdentity {
  readonly id: string;
  readonly runId: string;
  readonly workflow: string;
  readonly account: string;
  readonly namespace: string;
  readonly root: string;
  readonly generation: number;
  /** The workflow id of the run that started this one. */
  readonly parent: string | undefined;
}
