// A decision of the campaign's runs: done once, and decided anew under a further name where the venue refused it or
// its time was over. What was not done is told with the run's output, so that it can be judged.

import {
  type Activity,
  type Duration,
  type Failure,
  type Workflow,
  type WorkflowContext,
  HoldfastError,
} from "@holdfast/core";
import { z } from "zod";
import { ANEW } from "../judge.ts";

/** Decisions that were not done. */
export const NotDone = z.object({ refused: z.array(z.string()), late: z.array(z.string()) });
export type NotDone = z.output<typeof NotDone>;

export const none = (): NotDone => ({ refused: [], late: [] });

/** What a run does: so many rounds, with pauses between those of some kinds. */
export const Work = z.object({
  rounds: z.number(),
  pauseMs: z.number(),
  /** It fails when all is done: a bug of its code, which who starts it again has mended. */
  broken: z.boolean().optional(),
});
export type Work = z.output<typeof Work>;

/** One kind of run, and what is known beforehand of what it decides. */
export interface Business {
  readonly name: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- messages and queries differ
  readonly workflow: Workflow<Work, NotDone, any, any, any>;
  /** Workflows that it starts. */
  // oxlint-disable-next-line typescript/no-explicit-any -- inputs differ
  readonly children?: readonly Workflow<any, any, any, any, any>[];
  /** Decisions of each round. */
  readonly perRound: number;
  /** Rounds of one run, at most. */
  readonly roundsMax: number;
  /** Of so many runs of all kinds, how many are of this kind. */
  readonly weight: number;
  /** An agent that no other run acts for. Default: shared ones. */
  readonly account?: string;
  /** Names of the decisions of one round, from the business alone: no engine is asked. */
  readonly decisions: (id: string, round: number) => readonly string[];
}

/** What all runs can do; messages differ. */
// oxlint-disable-next-line typescript/no-explicit-any -- a context of any workflow
export type Ctx = WorkflowContext<any, any, any>;

/** A venue remembers keys for a day: this is as long as a call may go on. */
const TOTAL: Duration = "22h";
/** A decision that is refused more often is a bug of the campaign. */
const ANEW_MAX = 200;

export interface Decision<Input> {
  readonly ref: string;
  readonly input: Input;
  readonly total?: Duration;
}

/** Calls until the venue has done it, and writes down what was refused on the way. */
export async function decide<Input, Output>(
  ctx: Ctx,
  notDone: NotDone,
  activity: Activity<Input, Output>,
  { ref, input, total = TOTAL }: Decision<Input>,
): Promise<Output> {
  for (let n = 0; n <= ANEW_MAX; n += 1) {
    const name = n === 0 ? ref : `${ref}${ANEW}${n}`;
    // The activity's own input is what it takes.
    const tried = await (ctx.try as Try<Input, Output>)(activity, input, { ref: name, total });
    if (tried.ok) return tried.value;
    if (isRejection(tried.failure)) notDone.refused.push(name);
    else if (tried.failure.code === "HF-TOTAL-EXCEEDED") notDone.late.push(name);
    else throw new HoldfastError(tried.failure.code, `${name}: ${tried.failure.message}`);
  }
  throw new HoldfastError("CAMPAIGN-REFUSED", `${ref} was refused ${ANEW_MAX} times.`);
}

type Try<Input, Output> = (
  activity: Activity<Input, Output>,
  input: Input,
  options: { readonly ref: string; readonly total: Duration },
) => Promise<
  { readonly ok: true; readonly value: Output } | { readonly ok: false; readonly failure: Failure }
>;

/**
 * Refused by the venue's own will, as the fault "reject" makes it. The reason may have been lost with the rest of the
 * answer; that nothing happened is held against the ledger.
 */
function isRejection({ code }: Failure): boolean {
  return code === "HF-VENUE-REFUSED";
}
