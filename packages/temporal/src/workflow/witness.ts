// Tells what a run hands to the SDK while it is replayed: the SDK's core compares names and ids, and no values. It
// is bundled beside the workflows and only watches.

import { type Sinks, type WorkflowInterceptors, proxySinks } from "@temporalio/workflow";

export interface WitnessSinks extends Sinks {
  readonly witness: {
    /** What values were handed over for: "call 1", "child dca-btc", "completion", "continuation". */
    told(what: string, values: readonly unknown[]): void;
  };
}

const { witness } = proxySinks<WitnessSinks>();

export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      async execute(input, next) {
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
});
