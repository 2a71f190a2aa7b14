// `runs` and `run`: look at the runs of the running process, or at those that it left.

import { type Duration, HoldfastError, durationMs, formatDuration } from "@holdfast/core";
import type { ControlClient } from "../control/client.ts";
import { clean } from "../terminal/text.ts";
import { say, sayJson, table } from "./print.ts";
import { type Common, connectToLook, pathOf } from "./running.ts";

export interface RunsOptions extends Common {
  readonly workflow?: string;
  readonly status?: string;
  readonly account?: string;
  readonly id?: string;
  readonly parent?: string;
  readonly tag?: readonly string[];
  readonly limit?: string;
  readonly cursor?: string;
}

export interface RunOptions extends Common {
  /** True where no format is given. */
  readonly history?: "temporal" | true;
  readonly generation?: string;
  readonly result?: boolean;
  /** True where no duration is given. */
  readonly wait?: string | true;
}

type Fields = Readonly<Record<string, unknown>>;

/** How long one request waits for a result; then it is asked again. */
const ASK_MS = 30_000;

export async function runsCommand(options: RunsOptions): Promise<void> {
  const { state, json, tag, ...filter } = options;
  const tags = tag === undefined ? {} : { tags: JSON.stringify(tagsOf(tag)) };
  const page = await (await connectToLook({ state })).get("/api/runs", { ...filter, ...tags });
  if (json === true) {
    sayJson(page);
    return;
  }
  const runs = page["runs"] as Fields[];
  const rows = runs.map((run) => [
    ...["id", "workflow", "account", "status"].map((name) => String(run[name])),
    timeOf(run["startedAt"]),
    waitOf(run["wakeAt"], page["now"]),
  ]);
  if (rows.length === 0) say("No runs.");
  else say(table(["id", "workflow", "account", "status", "started", "wakes"], rows));
  if (typeof page["cursor"] === "string") say(`More: --cursor ${page["cursor"]}`);
}

/** `symbol=BTC-PERP`, `live=false`, `step=3`: what reads as JSON is that, anything else is text. */
function tagsOf(words: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    words.map((word) => {
      const [name = "", ...rest] = word.split("=");
      const text = rest.join("=");
      return [name, /^(true|false|-?\d+(\.\d+)?)$/u.test(text) ? JSON.parse(text) : text];
    }),
  );
}

export async function runCommand(id: string, options: RunOptions): Promise<void> {
  const control = await connectToLook(options);
  const wait =
    options.wait === undefined ? 0 : options.wait === true ? Infinity : timeOfText(options.wait);
  if (options.result === true || wait > 0) {
    const result = await waitFor(control, id, wait);
    if (options.result === true) {
      sayResult(result, options.json);
      return;
    }
  }
  if (options.history === "temporal") {
    await sayTemporalHistory(control, id, options);
    return;
  }
  if (options.history === true) {
    const { entries } = await control.get(`${pathOf(id)}/history`);
    if (options.json === true) sayJson(entries);
    else for (const entry of entries as Fields[]) say(historyLine(entry));
    return;
  }
  const run = await control.get(pathOf(id));
  if (options.json === true) sayJson(run);
  else sayRun(run);
}

/** For programs, so nothing but the history goes to the output; pretty where a person looks. */
async function sayTemporalHistory(
  control: ControlClient,
  id: string,
  { generation, json: asked }: RunOptions,
): Promise<void> {
  const query = { format: "temporal", generation };
  const { events, notes } = await control.get(`${pathOf(id)}/history`, query);
  for (const note of notes as string[]) process.stderr.write(`note ${clean(note)}\n`);
  const isForPeople = process.stdout.isTTY && asked !== true;
  say(JSON.stringify({ events }, null, isForPeople ? 2 : undefined));
}

function timeOfText(text: string): number {
  return durationMs(text as Duration);
}

/** Asks until the run has ended or the time is up. @throws HF-RESULT-TIMEOUT */
async function waitFor(control: ControlClient, id: string, waitMs: number): Promise<Fields> {
  for (let rest = waitMs; ; rest -= ASK_MS) {
    try {
      const timeout = `${Math.max(0, Math.min(rest, ASK_MS))}ms`;
      return await control.get(`${pathOf(id)}/result`, { timeout });
    } catch (error) {
      const isLate = error instanceof HoldfastError && error.code === "HF-RESULT-TIMEOUT";
      if (!isLate || rest <= ASK_MS) throw error;
    }
  }
}

/** @throws what the run failed with */
function sayResult(result: Fields, json: boolean | undefined): void {
  if (json === true) sayJson(result);
  else if (result["kind"] === "completed") sayJson(result["output"]);
  if (result["kind"] === "completed") return;
  const failure = result["failure"] as Fields;
  throw new HoldfastError(String(failure["code"]), String(failure["message"]));
}

function sayRun(run: Fields): void {
  const text = (name: string): string => clean(String(run[name]));
  say(`${text("id")} is ${text("status")} (${text("workflow")}, account ${text("account")})`);
  const times = [
    `started ${timeOf(run["startedAt"])}`,
    ...(typeof run["closedAt"] === "number" ? [`closed ${timeOf(run["closedAt"])}`] : []),
    ...(typeof run["wakeAt"] === "number" ? [`wakes ${waitOf(run["wakeAt"], run["now"])}`] : []),
    ...(run["generation"] === 0 ? [] : [`generation ${text("generation")}`]),
  ];
  say(times.join(", "));
  if (typeof run["parent"] === "string") say(`child of ${text("parent")}`);
  if (Object.keys(run["tags"] as Fields).length > 0) say(`tags ${json(run["tags"])}`);
  if (run["memo"] !== undefined) say(`memo ${json(run["memo"])}`);
  say(`input ${json(run["input"])}`);
  if (run["output"] !== undefined) say(`output ${json(run["output"])}`);
  for (const name of ["failure", "problem"]) {
    const failure = run[name] as Fields | undefined;
    if (failure !== undefined) {
      say(clean(`${name} ${String(failure["code"])}: ${String(failure["message"])}`));
    }
  }
  for (const call of run["calls"] as Fields[]) sayCall(text("id"), call);
}

function sayCall(id: string, call: Fields): void {
  const text = (name: string): string => clean(String(call[name]));
  const ref = text("ref");
  say(
    `call ${text("activity")} ${text("state")}, attempt ${text("attempt")}, ref ${ref}, key ${text("key")}`,
  );
  const failure = call["lastFailure"] as Fields | undefined;
  if (failure !== undefined) {
    say(clean(`  last failure ${String(failure["code"])}: ${String(failure["message"])}`));
  }
  if (call["state"] === "in-doubt" || call["state"] === "quarantined") {
    say(`  settle it: holdfast resolve ${id} ${text("key")} done|not-done|resend --reason "…"`);
  }
}

function historyLine(entry: Fields): string {
  const { sequence, at, kind, ...rest } = entry;
  const time = String(at).replace("T", " ").slice(0, 19);
  return `${String(sequence).padStart(5)}  ${time}  ${String(kind).padEnd(15)} ${json(rest)}`;
}

/** On one line; control characters are escaped by JSON already, but for some. */
function json(value: unknown): string {
  return clean(JSON.stringify(value) ?? "");
}

function timeOf(value: unknown): string {
  if (typeof value !== "number") return "";
  return new Date(value).toISOString().replace("T", " ").slice(0, 19);
}

function waitOf(wakeAt: unknown, now: unknown): string {
  if (typeof wakeAt !== "number" || typeof now !== "number") return "";
  return `in ${formatDuration(Math.max(0, wakeAt - now))}`;
}
