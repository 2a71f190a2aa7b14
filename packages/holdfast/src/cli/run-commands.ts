// The commands that talk to a running process: start, runs, run, signal, query, cancel, resolve.

import { userInfo } from "node:os";
import { resolve } from "node:path";
import { HoldfastError, formatDuration } from "@holdfast/core";
import { type ControlClient, connectControl } from "../control/client.ts";
import { say, sayJson, table } from "./print.ts";

export interface Common {
  readonly state: string;
  readonly json?: boolean;
}

const connect = ({ state }: Common): ControlClient => connectControl(resolve(state));
const at = (id: string): string => `/api/runs/${encodeURIComponent(id)}`;

/** Reads JSON given on the command line. @throws HF-JSON-INVALID */
function parseJson(text: string | undefined, what: string): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HoldfastError(
      "HF-JSON-INVALID",
      `Cannot read ${what} as JSON: ${cause instanceof Error ? cause.message : String(cause)}. Quote it for the shell: '{"symbol":"BTC-PERP"}'.`,
    );
  }
}

export async function startCommand(
  workflow: string,
  input: string | undefined,
  options: Common & {
    readonly id?: string;
    readonly account: string;
    readonly onOpen?: string;
    readonly onClosed?: string;
    readonly effects?: string;
  },
): Promise<void> {
  const { state: _state, json, ...rest } = options;
  const started = await connect(options).post("/api/runs", {
    workflow,
    input: parseJson(input, "the input"),
    ...rest,
  });
  if (json === true) sayJson(started);
  else
    say(
      started["created"] === true
        ? `Started run ${String(started["id"])}.`
        : `Run ${String(started["id"])} exists already; attached to it.`,
    );
}

export async function runsCommand(
  options: Common & {
    readonly workflow?: string;
    readonly status?: string;
    readonly account?: string;
    readonly id?: string;
    readonly limit?: string;
  },
): Promise<void> {
  const { workflow, status, account, id, limit } = options;
  const page = await connect(options).get("/api/runs", { workflow, status, account, id, limit });
  if (options.json === true) {
    sayJson(page);
    return;
  }
  const runs = page["runs"] as Record<string, unknown>[];
  if (runs.length === 0) say("No runs.");
  else {
    const rows = runs.map((run) => [
      String(run["id"]),
      String(run["workflow"]),
      String(run["account"]),
      String(run["status"]),
      time(run["startedAt"]),
      typeof run["wakeAt"] === "number"
        ? `in ${formatDuration(Math.max(0, run["wakeAt"] - Date.now()))}`
        : "",
    ]);
    say(table(["id", "workflow", "account", "status", "started", "wakes"], rows));
  }
  if (page["cursor"] !== undefined) say(`More: holdfast runs --json gives the cursor.`);
}

export async function runCommand(
  id: string,
  options: Common & {
    readonly history?: boolean;
    readonly result?: boolean;
    readonly wait?: string;
  },
): Promise<void> {
  const control = connect(options);
  if (options.history === true) {
    const { entries } = await control.get(`${at(id)}/history`);
    if (options.json === true) sayJson(entries);
    else
      for (const { sequence, at: instant, entry } of entries as {
        sequence: number;
        at: number;
        entry: Record<string, unknown>;
      }[])
        say(historyLine(sequence, instant, entry));
    return;
  }
  if (options.result === true) {
    const result = await control.get(`${at(id)}/result`, { timeoutMs: options.wait });
    if (options.json === true) sayJson(result);
    else if (result["kind"] === "completed") say(JSON.stringify(result["output"]));
    else
      throw new HoldfastError(
        String((result["failure"] as Record<string, unknown>)["code"]),
        String((result["failure"] as Record<string, unknown>)["message"]),
      );
    return;
  }
  const run = await control.get(at(id));
  if (options.json === true) {
    sayJson(run);
    return;
  }
  say(
    `${String(run["id"])} is ${String(run["status"])} (${String(run["workflow"])} for account ${String(run["account"])}, generation ${String(run["generation"])})`,
  );
  say(
    `started ${time(run["startedAt"])}${typeof run["closedAt"] === "number" ? `, closed ${time(run["closedAt"])}` : ""}${typeof run["wakeAt"] === "number" ? `, wakes ${time(run["wakeAt"])}` : ""}`,
  );
  say(`input ${JSON.stringify(run["input"])}`);
  if (run["output"] !== undefined) say(`output ${JSON.stringify(run["output"])}`);
  for (const name of ["failure", "problem"]) {
    const failure = run[name] as Record<string, unknown> | undefined;
    if (failure !== undefined)
      say(`${name} ${String(failure["code"])}: ${String(failure["message"])}`);
  }
  for (const call of run["calls"] as Record<string, unknown>[]) {
    say(
      `call ${String(call["activity"])} ${String(call["state"])}, attempt ${String(call["attempt"])}, ref ${String(call["ref"])}, key ${String(call["key"])}`,
    );
  }
}

export async function signalCommand(
  id: string,
  signal: string,
  payload: string | undefined,
  options: Common,
): Promise<void> {
  await connect(options).post(`${at(id)}/signal`, {
    signal,
    payload: parseJson(payload, "the payload"),
  });
  say(`Delivered ${signal} to ${id}.`);
}

export async function queryCommand(id: string, query: string, options: Common): Promise<void> {
  sayJson((await connect(options).post(`${at(id)}/query`, { query }))["answer"]);
}

export async function cancelCommand(
  id: string,
  options: Common & { readonly reason?: string },
): Promise<void> {
  await connect(options).post(
    `${at(id)}/cancel`,
    options.reason === undefined ? {} : { reason: options.reason },
  );
  say(`Asked ${id} to cancel.`);
}

export async function resolveCommand(
  id: string,
  key: string,
  resolution: string,
  options: Common & { readonly output?: string; readonly reason: string; readonly actor?: string },
): Promise<void> {
  await connect(options).post(`${at(id)}/resolve`, {
    key,
    resolution,
    output: parseJson(options.output, "the receipt"),
    reason: options.reason,
    actor: options.actor ?? userInfo().username,
  });
  say(`Resolved ${key} of ${id}: ${resolution}.`);
}

function historyLine(sequence: number, instant: number, entry: Record<string, unknown>): string {
  const { kind, ...rest } = entry;
  return `${String(sequence).padStart(5)}  ${time(instant)}  ${String(kind).padEnd(16)} ${JSON.stringify(rest)}`;
}

function time(value: unknown): string {
  return typeof value === "number"
    ? new Date(value).toISOString().replace("T", " ").slice(0, 19)
    : "";
}
