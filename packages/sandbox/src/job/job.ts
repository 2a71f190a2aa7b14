// What a job is: work that an agent orders from another, or from a simulated worker, paid through an escrow. How
// the payment stands is the escrow's matter; the job says how the work stands.

export type JobStatus = "open" | "taken" | "completed" | "failed" | "cancelled";

export interface Job {
  readonly id: string;
  /** That of the command that posted it. */
  readonly number: number;
  readonly payer: string;
  readonly worker: string;
  readonly simulated: boolean;
  readonly escrow: string;
  readonly spec: string;
  readonly autoRelease: boolean;
  readonly status: JobStatus;
  readonly resultHash: string | null;
  readonly deliveryUri: string | null;
  /** Why it failed. */
  readonly reason: string | null;
  readonly createdAt: number;
  readonly takenAt: number | null;
  readonly endedAt: number | null;
}

/** Whether the work may still be done. */
export function isUndone({ status }: Pick<Job, "status">): boolean {
  return status === "open" || status === "taken";
}
