// Plays many seeds in several processes. A process that dies or hangs takes one seed with it, which has failed.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Played } from "./play.ts";
import type { Order } from "./worker.ts";

/** Seeds given to a process at once. */
const PORTION = 10;
/** Real milliseconds that one play may take. */
const PLAY_MS_MAX = 180_000;
/** Plays after which a process is replaced. */
const PLAYS_MAX = 500;

export interface Jobs {
  readonly from: number;
  readonly seeds: number;
  readonly jobs: number;
  /** Whether more is to be begun. */
  readonly goesOn: () => boolean;
  readonly onPlayed: (played: Played) => void;
}

export async function playMany(jobs: Jobs): Promise<void> {
  const end = jobs.from + jobs.seeds;
  let next = jobs.from;
  const take = (): Order | undefined => {
    if (next >= end || !jobs.goesOn()) return undefined;
    const order = { from: next, count: Math.min(PORTION, end - next) };
    next += order.count;
    return order;
  };
  await Promise.all(Array.from({ length: jobs.jobs }, () => work(take, jobs.onPlayed)));
}

async function work(take: () => Order | undefined, onPlayed: Jobs["onPlayed"]): Promise<void> {
  let worker: Worker | undefined;
  for (let order = take(); order !== undefined; order = take()) {
    for (let { from, count } = order; count > 0;) {
      worker = worker?.isUsable === true ? worker : new Worker();
      const played = await worker.play({ from, count }, onPlayed);
      from += played;
      count -= played;
    }
    if (worker !== undefined && worker.plays >= PLAYS_MAX) worker.end();
  }
  worker?.end();
}

class Worker {
  readonly #process: ChildProcess = fork(join(import.meta.dirname, "worker.ts"));
  isUsable = true;
  plays = 0;

  /** Plays until all have ended or the process has; gives how many have. */
  play({ from, count }: Order, onPlayed: Jobs["onPlayed"]): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const child = this.#process;
    let done = 0;
    let timer: NodeJS.Timeout | undefined;
    const leave = (): void => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      resolve(done);
    };
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        child.kill("SIGKILL");
      }, PLAY_MS_MAX);
    };
    const onMessage = (message: unknown): void => {
      done += 1;
      this.plays += 1;
      onPlayed(message as Played);
      if (done === count) leave();
      else watch();
    };
    const onExit = (code: number | null, signal: string | null): void => {
      this.isUsable = false;
      const what = `the process ended (${signal ?? code}) or hung for ${PLAY_MS_MAX / 1_000} s`;
      onPlayed(lost(from + done, what));
      done += 1;
      leave();
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
    watch();
    child.send({ from, count } satisfies Order);
    return promise;
  }

  end(): void {
    this.isUsable = false;
    if (this.#process.connected) this.#process.disconnect();
  }
}

function lost(seed: number, what: string): Played {
  return { seed: String(seed), findings: [{ rule: "play", what }], counts: {}, tookMs: 0 };
}
