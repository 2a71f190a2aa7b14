// A peer's process as the runner sees it: started with an order, listened to, and killed when it takes too long.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { atExit } from "./at-exit.ts";
import type { Order, Told } from "./order.ts";

const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));
const ERRORS_TAIL = 2_000;

/** A measurement that was not done in its time. */
export class TooSlow extends Error {}

export class Worker implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #late: NodeJS.Timeout;
  readonly #limitMs: number;
  readonly #forget: Disposable;
  readonly #isProfiled: boolean;
  #timedOut = false;
  #errors = "";

  constructor(order: Order, limitMs: number) {
    const { profile } = order;
    this.#isProfiled = profile !== undefined;
    this.#process = fork(CHILD, [JSON.stringify(order)], {
      execArgv: profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#process.stderr?.on("data", (chunk: Buffer) => {
      this.#errors = `${this.#errors}${chunk.toString()}`.slice(-ERRORS_TAIL);
    });
    this.#exited = once(this.#process, "exit");
    this.#limitMs = limitMs;
    this.#forget = atExit(() => this.#process.kill("SIGKILL"));
    this.#late = setTimeout(() => {
      this.#timedOut = true;
      this.#process.kill("SIGKILL");
    }, limitMs);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** What it tells. Throws TooSlow, or what it wrote to its standard error when it ended without a word. */
  async told(): Promise<Told> {
    const message = once(this.#process, "message") as Promise<[Told]>;
    const first = await Promise.race([message, this.#exited]);
    if (Array.isArray(first) && typeof first[0] === "object" && first[0] !== null)
      return (first as [Told])[0];
    throw this.#failure("ended before it told anything");
  }

  /** Resolves when it was killed by itself. */
  async killsItself(): Promise<void> {
    await this.#exited;
    if (this.#timedOut || this.#process.signalCode !== "SIGKILL")
      throw this.#failure("was to kill itself in the midst of its work, and ended otherwise");
  }

  /** Throws when it has ended. */
  check(): void {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null)
      throw this.#failure("ended in the midst of its work");
  }

  ask(): void {
    this.#process.send("unfinished?");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its profile is written when it ends by itself.
    if (this.#isProfiled) await this.#exited;
    clearTimeout(this.#late);
    this.#forget[Symbol.dispose]();
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.#exited;
  }

  #failure(what: string): Error {
    if (this.#timedOut) return new TooSlow(`over ${this.#limitMs / 1_000} s`);
    return new Error(`The process of a peer ${what}. ${this.#errors.trim()}`);
  }
}
