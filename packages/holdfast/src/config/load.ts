// Finds and checks the configuration: `holdfast.config.ts` beside the `.env` that it may read. A mistake is
// answered with what is wrong and where.

import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { HoldfastError, usdc } from "@holdfast/core";
import { z } from "zod";
import type { AnyWorkflow, Config } from "./config.ts";

const FILES = [
  "holdfast.config.ts",
  "holdfast.config.mts",
  "holdfast.config.js",
  "holdfast.config.mjs",
];

/** A checked configuration and the folder it speaks for. */
export interface Project {
  readonly config: Config;
  readonly folder: string;
  readonly stateFolder: string;
  /** Undefined where the built-in demo runs. */
  readonly file: string | undefined;
}

const definition = (kind: string): z.ZodType<AnyWorkflow> =>
  z.custom<AnyWorkflow>(
    (value) =>
      typeof value === "object" && value !== null && "kind" in value && value.kind === kind,
    `expected a ${kind}, made by ${kind}({ … })`,
  );

const decimal = z.string().refine((text) => {
  try {
    return usdc(text) >= 0n;
  } catch {
    return false;
  }
}, 'expected USDC as a decimal string, such as "10000.00"');

const Shape = z
  .object({
    venue: z
      .discriminatedUnion("kind", [
        z
          .object({
            kind: z.literal("paper"),
            grant: decimal.optional(),
            seed: z.string().optional(),
            port: z.number().int().min(0).max(65_535).optional(),
          })
          .strict(),
        z
          .object({ kind: z.literal("remote"), mode: z.enum(["paper", "live"]), baseUrl: z.url() })
          .strict(),
      ])
      .optional(),
    accounts: z
      .record(
        z
          .string()
          .regex(
            /^[A-Za-z][A-Za-z0-9_-]{0,63}$/u,
            "an account's name has letters, digits, - and _",
          ),
        z.object({ name: z.string().optional(), apiKeyFrom: z.string().optional() }).strict(),
      )
      .optional(),
    workflows: z.array(definition("workflow")).optional(),
    activities: z.array(definition("activity")).optional(),
    fleet: z
      .array(
        z.object({
          workflow: definition("workflow"),
          input: z.unknown(),
          id: z.string().min(1),
          account: z.string(),
        }),
      )
      .optional(),
    resources: z.array(z.any()).optional(),
    stateFolder: z.string().min(1).optional(),
    durability: z.enum(["full", "relaxed"]).optional(),
  })
  .strict();

/**
 * Loads the project of a folder; without a configuration file, `fallback`.
 *
 * @throws HF-CONFIG-MISSING, HF-CONFIG-FAILED (the file threw), HF-CONFIG-INVALID (with the path)
 */
export async function loadProject(options: {
  readonly folder: string;
  readonly file?: string | undefined;
  readonly fallback?: () => Promise<Config>;
}): Promise<Project> {
  const folder = resolve(options.folder);
  const file =
    options.file === undefined
      ? FILES.map((name) => join(folder, name)).find((path) => existsSync(path))
      : resolve(folder, options.file);
  const home = file === undefined ? folder : dirname(file);
  readEnvironment(join(home, ".env"));
  if (file === undefined) {
    if (options.fallback === undefined) {
      throw new HoldfastError(
        "HF-CONFIG-MISSING",
        `Cannot find a configuration in ${folder}: write holdfast.config.ts, or name one with --config.`,
      );
    }
    return project(await options.fallback(), home, undefined);
  }
  if (!existsSync(file)) throw new HoldfastError("HF-CONFIG-MISSING", `Cannot find ${file}.`);
  let loaded: unknown;
  try {
    loaded = ((await import(pathToFileURL(file).href)) as { default?: unknown }).default;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new HoldfastError("HF-CONFIG-FAILED", `Cannot load ${file}: it threw ${message}`, {
      cause,
    });
  }
  return project(loaded, home, file);
}

function project(loaded: unknown, folder: string, file: string | undefined): Project {
  const name = file ?? "the built-in configuration";
  if (typeof loaded !== "object" || loaded === null) {
    throw new HoldfastError(
      "HF-CONFIG-INVALID",
      `Cannot use ${name}: it exports no configuration. Write: export default defineConfig({ … }).`,
    );
  }
  const parsed = Shape.safeParse(loaded);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.map(String).join(".") || "configuration"}: ${issue.message}`,
    );
    throw new HoldfastError("HF-CONFIG-INVALID", `Cannot use ${name}: ${problems.join("; ")}.`, {
      details: { problems },
    });
  }
  const config = loaded as Config;
  const accounts = Object.keys(config.accounts ?? { default: {} });
  for (const { id, account } of config.fleet ?? []) {
    if (accounts.includes(account)) continue;
    throw new HoldfastError(
      "HF-CONFIG-INVALID",
      `Cannot use ${name}: run "${id}" acts for the account "${account}", but there are only ${accounts.join(", ")}.`,
    );
  }
  return { config, folder, file, stateFolder: resolve(folder, config.stateFolder ?? ".holdfast") };
}

/** Reads `.env` where there is one; what the environment says already stays. */
function readEnvironment(path: string): void {
  if (!existsSync(path)) return;
  try {
    process.loadEnvFile(path);
  } catch (cause) {
    throw new HoldfastError(
      "HF-CONFIG-FAILED",
      `Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** Workflows of a project: those listed, and those of its fleet. */
export function workflowsOf(config: Config): readonly AnyWorkflow[] {
  return [
    ...new Set([
      ...(config.workflows ?? []),
      ...(config.fleet ?? []).map(({ workflow }) => workflow),
    ]),
  ];
}
