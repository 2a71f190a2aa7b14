// Processes of their own, for what only a process can show: how it starts, and what is left when it is
// killed. A child says a word on its standard output when it is where the benchmark wants it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** How long a child may take to say its word. */
const CHILD_MS = 300_000;

export interface ChildOptions {
  /** Default: this process's. */
  readonly cwd?: string;
  /** Beside what this process has. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
}

/** A script in a Node process of its own. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(script: URL | string, args: readonly string[], options: ChildOptions = {}) {
    const path = typeof script === "string" ? script : fileURLToPath(script);
    this.#process = spawn(process.execPath, [...(options.node ?? []), path, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
    });
    this.#exited = once(this.#process, "exit");
  }

  /** Resolves when the child has said the word; throws when it ends, or takes too long, without it. */
  async says(word: string): Promise<void> {
    await this.#until((line) => line === word, `"${word}"`);
  }

  async #until(isWanted: (line: string) => boolean, what: string): Promise<void> {
    const { stdout } = this.#process;
    if (stdout === null) throw new Error("The child has no standard output.");
    const late = setTimeout(() => this.#process.kill("SIGKILL"), CHILD_MS);
    try {
      for await (const line of createInterface({ input: stdout })) if (isWanted(line)) return;
    } finally {
      clearTimeout(late);
    }
    throw new Error(`A child process ended before it said ${what}.`);
  }

  /** The first line that the child says. */
  async line(): Promise<string> {
    let found = "";
    await this.#until((line) => {
      found = line;
      return true;
    }, "its first line");
    return found;
  }

  /** Waits until it ends by itself, or in order after an interrupt, reading what it says. */
  async ends(interrupt: boolean): Promise<void> {
    this.#process.stdout?.resume();
    if (interrupt) this.#process.kill("SIGINT");
    await this.#exited;
  }

  /** Kills it as `kill -9` does, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill("SIGKILL");
      await this.#exited;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** Milliseconds from the start of a process to its word; then it is killed, or let come to its end. */
export async function timeToWord(
  script: URL | string,
  args: readonly string[],
  word: string,
  options: ChildOptions & { readonly end?: "by-itself" | "interrupted" } = {},
): Promise<number> {
  const start = performance.now();
  await using child = new Child(script, args, options);
  await child.says(word);
  const taken = performance.now() - start;
  if (options.end !== undefined) await child.ends(options.end === "interrupted");
  return taken;
}

/** In a child: says the word. */
export function say(word: string): void {
  process.stdout.write(`${word}\n`);
}
