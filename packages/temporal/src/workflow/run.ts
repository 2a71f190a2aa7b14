// Runs a workflow of Holdfast as a workflow function of Temporal's SDK.

import { type Workflow, decode } from "@holdfast/core";
import { CancellationScope } from "@temporalio/workflow";
import { Alone } from "./alone.ts";
import type { OnCall } from "./calls.ts";
import { Driver } from "./driver.ts";
import type { TemporalOrigin } from "./protocol.ts";
import { cancelReason } from "./reach.ts";
import { textOf } from "./tree.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- input and messages vary the other way round
type AnyWorkflow = Workflow<any, unknown, any, any, any>;

/**
 * The workflow function to export from a bundle, under the workflow's name.
 *
 * @example
 * const run = onTemporal(dca);
 * export { run as "agents.dca" };
 */
export function onTemporal(
  workflow: AnyWorkflow,
  onCall?: OnCall,
): (input: unknown, origin: unknown) => Promise<unknown> {
  return (input, origin) => {
    const { cancelRequested } = CancellationScope.current();
    // A cancellation of the run is a fact like any other: the run's own scopes say what it interrupts.
    return new Alone(false).run(() => {
      const driver = new Driver(
        workflow as Workflow,
        decode(textOf(origin)) as TemporalOrigin,
        onCall,
      );
      cancelRequested.catch(() => {
        driver.tell({ kind: "cancel", reason: cancelReason() ?? "it was asked to" });
      });
      return driver.run(textOf(input));
    });
  };
}
