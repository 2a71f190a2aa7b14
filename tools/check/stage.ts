// One stage of the check: a command, run to its end, its output held back unless it failed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, join } from "node:path";

export interface Stage {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Shows the output while it comes: for stages that take long. */
  readonly live?: boolean;
}

export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  /** What it printed, if it was held back. */
  readonly output: string;
}

export async function runStage(stage: Stage, root: string): Promise<Outcome> {
  const { name, command, live } = stage;
  const [program, ...args] = command;
  const began = performance.now();
  const bin = join(root, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` };
  const held = live === true ? "inherit" : "pipe";
  const child = spawn(program, args, { cwd: root, env, stdio: ["ignore", held, held] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  let ok: boolean;
  try {
    const [code] = (await once(child, "close")) as [number | null];
    ok = code === 0;
  } catch (error) {
    ok = false;
    output += `Cannot start "${program}": ${error instanceof Error ? error.message : String(error)}\n`;
  }
  return { name, ok, ms: performance.now() - began, output };
}

/** The stage's line, under the whole output if it failed. */
export function formatOutcome({ name, ok, ms, output }: Outcome): string {
  const line = `${name.padEnd(8)} ${ok ? "ok    " : "failed"} ${(ms / 1_000).toFixed(1).padStart(6)} s`;
  return ok || output === "" ? line : `${output.trimEnd()}\n${line}`;
}
