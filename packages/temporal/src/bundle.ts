// Bundles workflow functions for a replay in Temporal's sandbox, from sources as they stand. Nothing is left out of
// them: the code of activities and the schemas go along, and only what a sandbox cannot load is replaced.

import { fileURLToPath } from "node:url";
import {
  DefaultLogger,
  type WorkflowBundleWithSourceMap,
  bundleWorkflowCode,
} from "@temporalio/worker";

type Hook = NonNullable<Parameters<typeof bundleWorkflowCode>[0]["webpackConfigHook"]>;

/** Bundles a module that exports workflow functions, each under the name of its workflow. */
export function bundle(workflowsPath: string): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [fileURLToPath(import.meta.resolve("./workflow/witness.ts"))],
    webpackConfigHook: replaceNode,
    // Not left out but replaced: without this the SDK refuses its name.
    ignoreModules: ["async_hooks"],
    logger: new DefaultLogger("WARN"),
  });
}

/** The sandbox has the storage that follows promises, under another name. */
const replaceNode: Hook = (config) => ({
  ...config,
  externals: [config.externals ?? [], { "node:async_hooks": "var globalThis" }].flat(),
});
