// Runs one command of a user in the folder of the smoke test, bounded in time, with all that it started.

import { spawn } from "node:child_process";
import { once } from "node:events";

export interface Ended {
  /** Undefined if it had to be killed. */
  readonly code: number | undefined;
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly limitMs: number;
}

export async function runCommand(line: string, options: RunOptions): Promise<Ended> {
  const { cwd, env, limitMs } = options;
  // A group of its own, so that what the command started ends with it.
  const child = spawn(line, { cwd, env, shell: true, detached: true, stdio: "pipe" });
  child.stdin.end();
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(child.pid);
  }, limitMs);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  killGroup(child.pid);
  return { code: late ? undefined : (code ?? undefined), output };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended already.
  }
}
