// Hands tasks to as many processes as there are jobs, until all are done or it is told to stop. A process that dies
// fails its task, and another takes its place.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Tally } from "./tally.ts";
import type { Task, Told } from "./task.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

export interface PoolOptions {
  readonly tasks: readonly Task[];
  readonly jobs: number;
  readonly onProgress: (effects: number) => void;
  readonly onDone: (task: Task, tally: Tally) => void;
  readonly onFailed: (task: Task, message: string) => void;
  /** Ends what is under way, and begins nothing more. */
  readonly stop: AbortSignal;
}

/** Resolves when all tasks have ended, or nothing of them runs any more. */
export async function runTasks(options: PoolOptions): Promise<void> {
  const queue = [...options.tasks];
  const job = async (): Promise<void> => {
    let worker: Worker | undefined;
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      if (options.stop.aborted) break;
      worker ??= new Worker(options);
      if (!(await worker.carryOut(task))) worker = undefined;
    }
    await worker?.end();
  };
  const { length } = options.tasks;
  await Promise.all(Array.from({ length: Math.min(options.jobs, length) }, job));
}

class Worker {
  readonly #options: PoolOptions;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #stop = (): void => {
    this.#child.kill("SIGKILL");
  };

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#child = fork(WORKER, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#exited = once(this.#child, "exit");
    options.stop.addEventListener("abort", this.#stop, { once: true });
  }

  /** False where the process died over it. */
  async carryOut(task: Task): Promise<boolean> {
    const { onProgress, onDone, onFailed, stop } = this.#options;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const hear = (told: Told): void => {
      if (told.kind === "progress") {
        onProgress(told.effects);
        return;
      }
      if (told.kind === "done") onDone(task, told.tally);
      else onFailed(task, told.message);
      resolve(true);
    };
    const died = (): void => {
      if (!stop.aborted) onFailed(task, "its process died");
      resolve(false);
    };
    this.#child.on("message", hear);
    this.#child.once("exit", died);
    this.#child.send(task);
    try {
      return await promise;
    } finally {
      this.#child.off("message", hear);
      this.#child.off("exit", died);
    }
  }

  async end(): Promise<void> {
    this.#options.stop.removeEventListener("abort", this.#stop);
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}
