// A project's workflows as one bundle for the sandbox: an entry that loads a workflow's own module only when one of
// its runs begins, without the code of activities, without schemas, within a budget, and loaded once before any
// worker takes work.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { HoldfastError, type Log, type Workflow, silentLog } from "@holdfast/core";
import {
  DefaultLogger,
  type WorkflowBundleWithSourceMap,
  bundleWorkflowCode,
} from "@temporalio/worker";
import { dryLoad } from "./dry-load.ts";
import { findPlaces } from "./find.ts";
import { NodeImports } from "./node-imports.ts";
import { checkPatches } from "./patches.ts";
import { ENTRY_FOLDER, RUNTIME, buildOf, ownSources } from "./sources.ts";

export interface ProjectBundleRequest {
  /** Modules from which all workflows can be reached: the configuration, above all. */
  readonly roots: readonly string[];
  readonly workflows: readonly Workflow[];
  readonly log?: Log | undefined;
}

export interface ProjectBundle extends WorkflowBundleWithSourceMap {
  /** The same for the same code, wherever it lies. */
  readonly build: string;
}

/** Code of a project in a bundle, in bytes without the runtime's, from which a warning is logged. */
export const BUNDLE_BYTES_WARN = 600_000;
export const BUNDLE_BYTES_MAX = 1_200_000;

const SCHEMA_LIBRARIES = ["zod", "zod/v4", "zod/mini", "valibot", "arktype"];

type Hook = NonNullable<Parameters<typeof bundleWorkflowCode>[0]["webpackConfigHook"]>;

/**
 * Bundles the workflows of a project, and loads each once.
 *
 * @throws HF-BUNDLE-UNEXPORTED, HF-BUNDLE-NODE, HF-BUNDLE-FAILED, HF-BUNDLE-TOO-LARGE, HF-BUNDLE-PATCH, HF-BUNDLE-LOAD
 */
export async function bundleProject({
  roots,
  workflows,
  log = silentLog,
}: ProjectBundleRequest): Promise<ProjectBundle> {
  const places = await findPlaces(roots, workflows);
  const folder = mkdtempSync(join(tmpdir(), ENTRY_FOLDER));
  const imports = new NodeImports();
  try {
    const entry = join(folder, "entry.js");
    const lines = [...places].map(([type, { path, name }]) => getter(type, path, name));
    writeFileSync(entry, entryOf(lines));
    const bundle = await bundled(entry, imports);
    imports.check(process.cwd());
    checkSize(bundle, log);
    checkPatches(ownSources(bundle.code), process.cwd());
    await dryLoad(bundle, [...places.keys()]);
    return { ...bundle, build: buildOf(bundle.code, places) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Loads a module only when a run of its workflow begins: each run evaluates what it loads anew. */
function entryOf(getters: readonly string[]): string {
  const run = JSON.stringify(here("../workflow/run.ts"));
  return `const adapt = (workflow) => require(${run}).onTemporal(workflow);
Object.defineProperties(exports, {
${getters.join("\n")}
});
`;
}

function getter(type: string, path: string, name: string): string {
  const [key, from, exported] = [type, path, name].map((text) => JSON.stringify(text));
  return `  ${key}: { enumerable: true, get: () => adapt(require(${from})[${exported}]) },`;
}

async function bundled(entry: string, imports: NodeImports): Promise<WorkflowBundleWithSourceMap> {
  const said: string[] = [];
  const listen = ({ message }: { readonly message: string }): void => {
    said.push(message);
  };
  try {
    return await bundleWorkflowCode({
      workflowsPath: entry,
      workflowInterceptorModules: [here("../workflow/reach.ts"), here("../workflow/witness.ts")],
      // Loaded once for all runs, as the SDK's own part is; what users write is loaded by each run.
      preloadModules: [here("../workflow/run.ts")],
      webpackConfigHook: hookOf(imports),
      ignoreModules: ["async_hooks"],
      logger: new DefaultLogger("ERROR", listen),
    });
  } catch (cause) {
    imports.check(process.cwd());
    const message = said.length > 0 ? said.join("\n") : String(cause);
    throw new HoldfastError("HF-BUNDLE-FAILED", `Cannot bundle the workflows: ${message}`, {
      class: "logic",
      disposition: "terminal",
      outcome: "not-sent",
      cause,
    });
  }
}

function hookOf(imports: NodeImports): Hook {
  const stub = here("schema-stub.cjs");
  return (config) => ({
    ...config,
    externals: [config.externals ?? [], imports.external as never].flat(),
    resolve: {
      ...config.resolve,
      // The entry lies in a folder of its own, and finds the SDK from here.
      modules: [...(config.resolve?.modules ?? ["node_modules"]), sdkFolder()],
      alias: {
        ...(config.resolve?.alias as Readonly<Record<string, string>> | undefined),
        ...Object.fromEntries(SCHEMA_LIBRARIES.map((name) => [`${name}$`, stub])),
        // Of what users import from there, workflows need what is core's; the engine beside it is for Node.
        holdfast$: fileURLToPath(import.meta.resolve("@holdfast/core")),
      },
    },
    module: {
      ...config.module,
      rules: [
        ...(config.module?.rules ?? []).map(modern),
        { test: /\.[cm]?[jt]s$/u, enforce: "pre", use: here("strip-loader.cjs") },
      ],
    },
  });
}

type Rule = NonNullable<NonNullable<Parameters<Hook>[0]["module"]>["rules"]>[number];

/** What the sandbox runs on is this process's own: private fields need not become maps, which each access pays for. */
function modern(rule: Rule): Rule {
  if (typeof rule !== "object" || rule === null) return rule;
  const { use } = rule;
  if (typeof use !== "object" || use === null || !("options" in use)) return rule;
  const { options } = use;
  if (typeof options !== "object" || !("jsc" in options)) return rule;
  const jsc = { ...(options["jsc"] as object), target: "es2024" };
  return { ...rule, use: { ...use, options: { ...options, jsc } } };
}

/** The folder of packages that the SDK lies in. */
function sdkFolder(): string {
  const path = createRequire(import.meta.url).resolve("@temporalio/workflow/package.json");
  return dirname(dirname(dirname(path)));
}

/** Bytes of the project's own modules and of what they import. */
export function projectBytes(code: string): number {
  const [own = ""] = code.split("//# sourceMappingURL");
  const modules = own.split(/\n\/\*\*\*\/ "/u).slice(1);
  const ours = modules.filter((module) => !RUNTIME.test(module.slice(0, module.indexOf('"'))));
  return ours.reduce((sum, module) => sum + Buffer.byteLength(module), 0);
}

function checkSize({ code }: WorkflowBundleWithSourceMap, log: Log): void {
  const bytes = projectBytes(code);
  if (bytes > BUNDLE_BYTES_MAX) {
    throw new HoldfastError(
      "HF-BUNDLE-TOO-LARGE",
      `Cannot use a bundle of ${bytes} bytes: at most ${BUNDLE_BYTES_MAX} are allowed, because every run evaluates what its workflow imports. Import less in workflow modules.`,
      { class: "resource", disposition: "terminal", outcome: "not-sent", details: { bytes } },
    );
  }
  if (bytes > BUNDLE_BYTES_WARN) {
    log.warn("The bundle of the workflows is large: every run evaluates what it imports.", {
      bytes,
    });
  }
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
