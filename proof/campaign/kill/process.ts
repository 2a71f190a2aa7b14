// What the processes of a world of kills say to each other, and how they are started: an order as an argument, lines
// of JSON as the answer. They end when the one that started them does.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CrashPoint } from "@holdfast/engine";
import type { FaultRuleInput } from "@holdfast/sandbox";
import type { Business } from "../business/decide.ts";
import type { Intended } from "../judge.ts";
import { BUSINESSES } from "../plan.ts";

export interface EngineOrder {
  readonly journal: string;
  readonly url: string;
  readonly apiKeys: Readonly<Record<string, string>>;
  readonly world: { readonly seed: string; readonly effects: number };
}

/** Told to a living engine: at which moment of a kind, from now on, it kills itself. */
export interface KillOrder {
  readonly point: CrashPoint;
  readonly nth: number;
}

export type EngineLine =
  | { readonly kind: "progress"; readonly effects: number }
  | {
      readonly kind: "end";
      readonly intents: readonly Intended[];
      readonly refused: readonly string[];
      readonly late: readonly string[];
      readonly problems: readonly string[];
    };

export interface VenueOrder {
  readonly path: string;
  readonly port: number;
  readonly seed: string;
  readonly faults: readonly FaultRuleInput[];
}

export interface VenueLine {
  readonly url: string;
  readonly controlUrl: string;
}

/** Rounds of one run, at most: many short runs beside each other, because in real time a retry waits for seconds. */
const ROUNDS_MAX = 4;

/** Hundreds of processes load the same modules: they are read once. */
const COMPILED = join(tmpdir(), "holdfast-campaign-modules");

/** In real time nobody sleeps for days, nor waits for minutes until the venue has settled. */
const TOO_SLOW = ["patient", "hurried"];

export const KILL_BUSINESSES: readonly Business[] = BUSINESSES.filter(
  ({ name }) => !TOO_SLOW.includes(name),
).map((business) => ({ ...business, roundsMax: ROUNDS_MAX }));

/** The order that this process was started with. */
export function orderOf<Order>(): Order {
  return JSON.parse(process.argv[2] ?? "") as Order;
}

/** Written before it returns: a kill right after loses nothing of it. */
export function say<Line>(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

/** Whoever is killed leaves no process behind. */
export function endWithParent(): void {
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => {
    process.exit();
  });
  process.channel?.unref();
}

export interface Started<Line> extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Its next line; undefined when it has ended. */
  next(): Promise<Line | undefined>;
  /** As kill -9 does; resolves when it is gone. */
  kill(): Promise<void>;
  /** The signal that ended it, or null. */
  readonly ended: Promise<NodeJS.Signals | null>;
}

/** Starts a process with an order. */
export function start<Order, Line>(path: string, order: Order): Started<Line> {
  const child = spawn(process.execPath, [path, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
  });
  const ended = once(child, "close").then(([, signal]) => signal as NodeJS.Signals | null);
  const { stdout } = child;
  if (stdout === null) throw new Error("A process was started without its output.");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  return {
    child,
    ended,
    kill,
    async next() {
      const { value, done } = await lines.next();
      return done === true ? undefined : (JSON.parse(value) as Line);
    },
    [Symbol.asyncDispose]: kill,
  };
}
