// Where code has versions, a run ends its generation on the code that it began it with, and the next generation
// begins on the newest: what a generation hands on is its input alone.

import { workflowInfo } from "@temporalio/workflow";

interface Activator {
  versioningBehavior?: "PINNED" | "AUTO_UPGRADE" | undefined;
}

/**
 * To be called before continuing as new. The server lets the next generation inherit the version of a run that is
 * pinned when it ends; one that is not begins where new runs do.
 */
export function leaveVersion(): void {
  // Only a worker that serves a version may say so.
  if (!workflowInfo().currentDeploymentVersion?.deploymentName) return;
  const { __TEMPORAL_ACTIVATOR__: activator } = globalThis as {
    __TEMPORAL_ACTIVATOR__?: Activator;
  };
  if (activator !== undefined) activator.versioningBehavior = "AUTO_UPGRADE";
}
