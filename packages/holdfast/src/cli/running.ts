// What the commands for a running process share: how they reach it, and how they read JSON from a shell.

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { HoldfastError, hasCode } from "@holdfast/core";
import { type ControlClient, connectControl } from "../control/client.ts";

export interface Common {
  readonly state: string;
  readonly json?: boolean;
}

/** @throws HF-NOT-RUNNING */
export function connect({ state }: Common): ControlClient {
  return connectControl(resolve(state));
}

/**
 * The running process, or else its journal: for commands that only look.
 *
 * @throws HF-NOT-RUNNING where there is neither
 */
export async function connectToLook({ state }: Common): Promise<ControlClient> {
  const folder = resolve(state);
  try {
    const control = connectControl(folder);
    // Whether it answers shows at the first question only.
    await control.get("/health");
    return control;
  } catch (error) {
    if (!hasCode(error, "HF-NOT-RUNNING")) throw error;
    const { connectJournal } = await import("../control/journal.ts");
    const journal = connectJournal(folder);
    process.stderr.write("No running process was found; this is read from the journal.\n");
    return journal;
  }
}

/** The path of a run in the control API. */
export function pathOf(id: string): string {
  return `/api/runs/${encodeURIComponent(id)}`;
}

/** Reads JSON given on the command line. @throws HF-JSON-INVALID */
export function parseJson(text: string | undefined, what: string): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HoldfastError(
      "HF-JSON-INVALID",
      `Cannot read ${what} as JSON: ${cause instanceof Error ? cause.message : String(cause)}. Quote it for the shell: '{"symbol":"BTC-PERP"}'.`,
      { class: "data" },
    );
  }
}

/** A workflow's input: JSON, or the name of a file that holds some. @throws HF-JSON-INVALID */
export function inputOf(text: string | undefined): unknown {
  if (text === undefined || !existsSync(text)) return parseJson(text, "the input");
  return parseJson(readFileSync(text, "utf8"), text);
}
