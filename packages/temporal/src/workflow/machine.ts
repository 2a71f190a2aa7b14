// The coroutine of a run inside Temporal's sandbox: the embedded engine's own, but for what the server knows
// better, that is, when a history is long, and from where on a patch may act.

import { Machine } from "@holdfast/engine/workflow-side";
import { deprecatePatch, patched, workflowInfo } from "@temporalio/workflow";

export class TemporalMachine extends Machine {
  override get continueSuggested(): boolean {
    return super.continueSuggested || workflowInfo().continueAsNewSuggested;
  }

  /**
   * The SDK writes the marker at once, before all that this activation decides. It is one that later code may leave
   * out: the server's core asks for every other kind as long as a history has it.
   */
  override patched(id: string): boolean {
    deprecatePatch(id);
    return patched(id);
  }
}
