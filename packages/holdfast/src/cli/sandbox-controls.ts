// `sandbox faults` and `sandbox clock`: they speak with the controls of the venue whose state folder it is.

import { resolve } from "node:path";
import { type Duration, HoldfastError, durationMs } from "@holdfast/core";
import { z } from "zod";
import { stateFolder } from "../host/state-folder.ts";
import { say, sayJson, table } from "./print.ts";
import type { Common } from "./running.ts";

export interface AdvanceOptions extends Common {
  readonly to?: string;
}

export interface ModeOptions {
  readonly mode: "real" | "frozen" | "scaled";
  readonly rate?: number;
}

const Listed = z.object({
  faults: z.array(
    z.object({
      id: z.number(),
      suite: z.string().optional(),
      rule: z.looseObject({ kind: z.string() }),
      seen: z.number(),
      hits: z.number(),
    }),
  ),
});
const Suites = z.object({
  suites: z.array(
    z.object({
      name: z.string(),
      proves: z.string(),
      parameters: z.record(z.string(), z.unknown()),
    }),
  ),
});
const Armed = z.union([
  z.object({ id: z.number() }),
  z.object({ suite: z.string(), ids: z.array(z.number()) }),
]);
const Clock = z.object({ mode: z.string(), now: z.number(), rate: z.number() });
const Advanced = Clock.extend({
  released: z.number(),
  fired: z.array(z.object({ kind: z.string(), at: z.number(), agent: z.string().optional() })),
  more: z.number(),
});
const Problem = z.object({ detail: z.string() });

/** What fell due that is printed for people, at most. */
const SHOWN_MAX = 50;

export async function faultsListCommand(options: Common): Promise<void> {
  sayFaults(await ask(options, "faults", Listed), options);
}

export async function faultsSuitesCommand(options: Common): Promise<void> {
  const found = await ask(options, "faults/suites", Suites);
  if (options.json === true) {
    sayJson(found);
    return;
  }
  const rows = found.suites.map(({ name, parameters, proves }) => [
    name,
    words(parameters),
    proves,
  ]);
  say(table(["suite", "parameters", "proves"], rows));
}

/** @throws HF-SANDBOX-REFUSED */
export async function faultsArmCommand(
  what: Readonly<Record<string, string>>,
  fields: readonly string[],
  options: Common,
): Promise<void> {
  const body = new URLSearchParams(what);
  for (const field of fields) {
    const [name = "", ...value] = field.split("=");
    if (name === "" || value.length === 0) {
      throw refused(`Cannot read "${field}": fields are name=value, such as operations=open.`);
    }
    body.set(name, value.join("="));
  }
  const armed = await ask(options, "faults", Armed, { method: "POST", body });
  if (options.json === true) sayJson(armed);
  else if ("id" in armed) say(`Armed fault ${armed.id}.`);
  else say(`Armed ${armed.suite}: faults ${armed.ids.join(", ")}.`);
}

export async function faultsClearCommand(id: string | undefined, options: Common): Promise<void> {
  const path = id === undefined ? "faults" : `faults/${encodeURIComponent(id)}`;
  sayFaults(await ask(options, path, Listed, { method: "DELETE" }), options);
}

export async function clockShowCommand(options: Common): Promise<void> {
  sayClock(await ask(options, "clock", Clock), options);
}

/** @throws HF-SANDBOX-REFUSED */
export async function clockModeCommand(wanted: ModeOptions, options: Common): Promise<void> {
  sayClock(await ask(options, "clock", Clock, post(wanted)), options);
}

/** @throws HF-DURATION-INVALID, HF-SANDBOX-REFUSED */
export async function clockAdvanceCommand(
  duration: string | undefined,
  { to, ...options }: AdvanceOptions,
): Promise<void> {
  if ((duration === undefined) === (to === undefined)) {
    throw refused('Cannot advance the clock: say how far ("1w"), or --to which instant.');
  }
  const body =
    to === undefined ? { by: durationMs((duration ?? "") as Duration) } : { to: instantOf(to) };
  const advanced = await ask(options, "clock/advance", Advanced, post(body));
  if (options.json === true) {
    sayJson(advanced);
    return;
  }
  const { fired, more, released } = advanced;
  sayClock(advanced, options);
  if (released > 0) say(`${released} held answers went.`);
  const shown = fired
    .slice(0, SHOWN_MAX)
    .map(({ kind, at, agent }) => [timeOf(at), kind, agent ?? ""]);
  if (shown.length > 0) say(table(["at", "what", "agent"], shown));
  const left = fired.length - shown.length + more;
  if (left > 0) say(`${left} more.`);
}

/** An instant as ISO 8601, or as milliseconds since the epoch. @throws HF-SANDBOX-REFUSED */
export function instantOf(text: string): number {
  const at = /^\d+$/u.test(text) ? Number(text) : Date.parse(text);
  if (Number.isSafeInteger(at) && at >= 0) return at;
  throw refused(`Cannot read "${text}" as an instant such as "2026-02-01T00:00:00Z".`);
}

/** What a sandbox command is refused with. */
export function refused(message: string): HoldfastError {
  return new HoldfastError("HF-SANDBOX-REFUSED", message, { class: "data" });
}

function post(body: object): RequestInit {
  return {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  };
}

/** @throws HF-NOT-RUNNING, HF-SANDBOX-REFUSED */
async function ask<Schema extends z.ZodType>(
  { state }: Common,
  path: string,
  schema: Schema,
  init: RequestInit = {},
): Promise<z.output<Schema>> {
  const folder = resolve(state);
  const ports = stateFolder(folder).readPorts();
  if (ports === undefined) throw notRunning(folder);
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${ports.venueToken}`);
  const url = `http://127.0.0.1:${ports.venueControl}/_sandbox/${path}`;
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url, { ...init, headers, redirect: "error" });
    answer = await response.json();
  } catch {
    throw notRunning(folder);
  }
  if (response.ok) return schema.parse(answer);
  const problem = Problem.safeParse(answer);
  const why = problem.success ? problem.data.detail : `status ${response.status}`;
  throw refused(`The paper venue refuses it: ${why}`);
}

function notRunning(folder: string): HoldfastError {
  return new HoldfastError(
    "HF-NOT-RUNNING",
    `Cannot find a running paper venue for ${folder}: start one with "holdfast sandbox" or "holdfast dev", or name its state folder with --state.`,
    { class: "state" },
  );
}

function sayFaults(found: z.output<typeof Listed>, { json }: Common): void {
  if (json === true) {
    sayJson(found);
    return;
  }
  if (found.faults.length === 0) {
    say("No faults.");
    return;
  }
  const rows = found.faults.map(({ id, suite = "", rule: { kind, ...rest }, seen, hits }) => [
    String(id),
    kind,
    words(rest),
    suite,
    String(seen),
    String(hits),
  ]);
  say(table(["id", "kind", "parameters", "suite", "seen", "hit"], rows));
}

function sayClock({ mode, now, rate }: z.output<typeof Clock>, { json }: Common): void {
  if (json === true) sayJson({ mode, now, rate });
  else say(`${timeOf(now)}, ${mode}${mode === "scaled" ? ` (${rate} times)` : ""}`);
}

function words(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
