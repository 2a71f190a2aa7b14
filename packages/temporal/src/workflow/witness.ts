// Tells what a run hands to the SDK while a history is replayed to see whether code fits it: the SDK's core compares
// names and ids, and no values. It is bundled beside the workflows, only watches, and is silent where work is done.

import {
  type Sinks,
  type WorkflowInterceptors,
  proxySinks,
  workflowInfo,
} from "@temporalio/workflow";
import { changedSince, shared } from "./shared.ts";

export interface WitnessSinks extends Sinks {
  readonly witness: {
    /** What values were handed over for: "call 1", "child dca-btc", "completion", "continuation". */
    told(what: string, values: readonly unknown[]): void;
    /** What loading the workflow has changed of what all runs share. */
    patched(names: readonly string[]): void;
  };
}

/** The name of replays in which somebody listens. */
export const REHEARSAL = "holdfast-rehearsal";

const { witness } = proxySinks<WitnessSinks>();

export const interceptors = (): WorkflowInterceptors => {
  if (!workflowInfo().taskQueue.startsWith(REHEARSAL)) return {};
  // The workflow's own modules are loaded after this.
  const before = shared();
  return {
    inbound: [
      {
        async execute(input, next) {
          const names = changedSince(before);
          if (names.length > 0) witness.patched(names);
          const result = await next(input);
          witness.told("completion", [result]);
          return result;
        },
      },
    ],
    outbound: [
      {
        scheduleActivity(input, next) {
          witness.told(`call ${input.options.activityId ?? input.seq}`, input.args);
          return next(input);
        },
        startChildWorkflowExecution(input, next) {
          witness.told(`child ${input.options.workflowId}`, input.options.args);
          return next(input);
        },
        continueAsNew(input, next) {
          witness.told("continuation", input.args);
          return next(input);
        },
      },
    ],
  };
};
