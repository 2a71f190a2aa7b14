// Checks a configuration before anything is opened. A mistake is answered with its path and what was expected
// there; a value that may be a secret is never repeated.

import {
  type Failure,
  type GuardPolicy,
  parseId,
  parseWith,
  policyProblems,
  toFailure,
  usdc,
} from "@holdfast/core";
import { type Channel, createNotifier } from "@holdfast/notify";
import { purpleFlea } from "@holdfast/purpleflea";
import { z } from "zod";
import { problemsOfGuard } from "./check-guard.ts";
import { problemsOfWatch } from "../watch/limits.ts";
import { type AnyWorkflow, type Config, accountsOf, environmentSuffix } from "./config.ts";

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

const port = z.number().int().min(0).max(65_535);

const baseUrl = z.url({ protocol: /^https?$/u, error: "expected an http or https URL" });

const venue = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("paper"),
      grant: decimal.optional(),
      seed: z.string().optional(),
      port: port.optional(),
      controlPort: port.optional(),
    }),
    z.strictObject({ kind: z.literal("remote"), baseUrl }),
    z.strictObject({
      kind: z.literal("live"),
      mode: z.literal("live"),
      baseUrl,
      profile: z.enum(["guide", "public-2026-03"]).optional(),
    }),
  ],
  "expected paper({ … }), remote({ … }) or live({ … })",
);

const account = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  apiKey: z
    .strictObject({ kind: z.literal("secret"), name: z.string().min(1) }, secretExpected())
    .optional(),
});

function secretExpected(): string {
  return 'expected secret("NAME_OF_A_VARIABLE"): a key never stands in a configuration';
}

const notify = z
  .strictObject({
    channels: z.array(
      z.custom<Channel>(
        (value) => typeof value === "object" && value !== null && "send" in value,
        "expected a channel, made by slack({ … }) or another maker of holdfast/notify",
      ),
    ),
    quiet: z.strictObject({ from: z.string(), to: z.string(), zone: z.string() }).optional(),
    deadLettersAbove: z.number().int().min(0).optional(),
    critical: z.array(z.string().min(1)).optional(),
    source: z.string().min(1).max(100).optional(),
    linkBase: baseUrl.optional(),
  })
  .superRefine(({ channels, quiet }, context) => {
    try {
      createNotifier({ channels, quiet, source: "", secret: () => undefined });
    } catch (error) {
      context.addIssue({ code: "custom", message: toFailure(error).message });
    }
  });

const steps = { hold: z.unknown(), shed: z.unknown(), stop: z.unknown() };
const limited = z.strictObject({ ...steps, limit: z.unknown() }).partial();
const stepped = z.strictObject(steps).partial();
const off = z.literal(false);

/** Only its names: what the values must be, is said where they are read. */
const watch = z
  .strictObject({
    memory: off.or(limited),
    heap: off.or(stepped),
    loopLag: off.or(stepped),
    disk: off.or(stepped),
    descriptors: off.or(limited),
    frozen: z.unknown(),
    every: z.unknown(),
    patience: z.unknown(),
  })
  .partial();
const guard = z.custom<GuardPolicy>(
  (value) => typeof value === "object" && value !== null && "trackers" in value && "kind" in value,
  "expected guard({ … })",
);

const Shape = z.strictObject({
  venue: venue.optional(),
  accounts: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/u, "an account's name has letters, digits, - and _"),
      account,
    )
    .refine((found) => Object.keys(found).length > 0, "name at least one account, or leave it out")
    .optional(),
  workflows: z.array(definition("workflow")).optional(),
  activities: z.array(definition("activity")).optional(),
  fleet: z
    .array(
      z.strictObject(
        {
          workflow: definition("workflow"),
          input: z.unknown(),
          id: z.string().min(1),
          account: z.string(),
        },
        "expected run(workflow, input, { id, account })",
      ),
    )
    .optional(),
  guard: guard.optional(),
  notify: notify.optional(),
  policies: z.unknown().optional(),
  watch: off.or(watch).optional(),
  resources: z
    .array(z.looseObject({ resource: z.unknown(), open: z.unknown() }, "expected provide(…)"))
    .optional(),
  engine: z.looseObject({ kind: z.literal("engine") }, "expected an engine").optional(),
  stateFolder: z.string().min(1).optional(),
  durability: z.enum(["full", "relaxed"]).optional(),
});

/** What is wrong with a configuration, each with its path; nothing where it is usable. */
export function problemsOf(loaded: unknown): readonly string[] {
  const parsed = Shape.safeParse(loaded);
  if (!parsed.success) {
    return parsed.error.issues.map((issue) => `${pathOf(issue.path)}: ${issue.message}`);
  }
  const config = loaded as Config;
  const watched = config.watch === false ? [] : problemsOfWatch(config.watch);
  const problems = [...accountProblems(config), ...policiesProblems(config)];
  return [...problems, ...fleetProblems(config), ...problemsOfGuard(config), ...watched];
}

/** A policy for a venue that the project does not have would bound nothing. */
function policiesProblems({ policies, resources = [] }: Config): readonly string[] {
  if (policies === undefined) return [];
  const further = resources.filter((one) => (one.venue ?? one.resource.venue) !== undefined);
  const venues = [purpleFlea.name, ...further.map(({ resource }) => resource.name)];
  return policyProblems(policies, venues);
}

/** Two accounts must not find their keys under one name; file names of some systems know no case, too. */
function accountProblems(config: Config): readonly string[] {
  const known = new Map<string, string>();
  const problems: string[] = [];
  for (const name of accountsOf(config)) {
    const suffix = environmentSuffix(name);
    const other = known.get(suffix);
    if (other !== undefined) {
      problems.push(
        `accounts: "${other}" and "${name}" would share PURPLEFLEA_API_KEY${suffix}; rename one`,
      );
    }
    known.set(suffix, name);
  }
  return problems;
}

function fleetProblems(config: Config): readonly string[] {
  const accounts = accountsOf(config);
  const ids = new Set<string>();
  return (config.fleet ?? []).flatMap(({ workflow, input, id, account: acting }, index) => {
    const problems: string[] = [];
    const path = `fleet[${index}]`;
    const attempt = (check: () => unknown): void => {
      try {
        check();
      } catch (error) {
        const { message, details } = error as Failure;
        const listed = details?.["problems"];
        const found = Array.isArray(listed) ? (listed as string[]) : [message];
        problems.push(...found.map((problem) => `${path} (run "${id}"): ${problem}`));
      }
    };
    if (ids.has(id)) problems.push(`${path}.id: another run is called "${id}"`);
    ids.add(id);
    if (!accounts.includes(acting)) {
      problems.push(`${path}.account: there is no "${acting}", only ${accounts.join(", ")}`);
    }
    attempt(() => parseId(id, "workflow id"));
    // Only to find mistakes early: the input itself is parsed once, where the run starts.
    attempt(() => parseWith(workflow.input, input, "the input"));
    return problems;
  });
}

function pathOf(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    text += typeof part === "number" ? `[${part}]` : `${text === "" ? "" : "."}${String(part)}`;
  }
  return text === "" ? "configuration" : text;
}
