// A Temporal cluster as the tests see it: the one they are given, and servers of their own that may be killed;
// processes that serve it; and what the venue says of them.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createPurpleFlea } from "@holdfast/purpleflea";
import { type Sandbox, openSandbox } from "@holdfast/sandbox";

/** The server that the tests are given. */
export const address: string = process.env["HOLDFAST_TEMPORAL"] ?? "";

/** Why tests of a cluster do not run; false where they do. */
export const noCluster: string | false =
  address === ""
    ? "HOLDFAST_TEMPORAL is not set: npm run services -- temporal -- npm test -- test/cluster"
    : false;

/** Why tests that need PostgreSQL as well do not run; false where they do. */
export const noPostgres: string | false =
  process.env["HOLDFAST_POSTGRES"] === undefined
    ? "HOLDFAST_POSTGRES is not set: npm run services -- temporal postgres -- npm test -- test/cluster"
    : noCluster;

const SERVICES = fileURLToPath(new URL("../../tools/services.ts", import.meta.url));
const WORKER = fileURLToPath(new URL("cluster-worker.ts", import.meta.url));
const AGAIN_MS = 50;
/** What has not come about by then will not. */
const LATEST_MS = 300_000;

/** Waits for what other processes bring about. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  instead: () => string = () => "",
): Promise<void> {
  const until = performance.now() + LATEST_MS;
  while (!(await condition())) {
    if (performance.now() > until) assert.fail(`Never came about: ${what}${instead()}`);
    await pause(AGAIN_MS);
  }
}

export interface SpokenOptions {
  readonly cwd?: string;
  /** Beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A process whose lines are waited for. */
export class Spoken implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly #closed: Promise<unknown>;
  #said = "";

  constructor(args: readonly string[], { cwd, env: own = {} }: SpokenOptions = {}) {
    const env: NodeJS.ProcessEnv = { ...process.env, ...own, NO_COLOR: "1" };
    this.process = spawn(process.execPath, args, { cwd, env, stdio: "pipe" });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
    }
    this.#closed = once(this.process, "close");
  }

  get said(): string {
    return this.#said;
  }

  get signal(): NodeJS.Signals | null {
    return this.process.signalCode;
  }

  /** Waits until it has said something that matches. */
  async until(pattern: RegExp): Promise<void> {
    const isSaid = (): boolean => {
      if (pattern.test(this.#said)) return true;
      const { exitCode, signalCode } = this.process;
      assert.ok(exitCode === null && signalCode === null, `It ended and said: ${this.#said}`);
      return false;
    };
    const what = `${String(pattern)} in what a process says`;
    await eventually(what, isSaid, () => `, which was: ${this.#said}`);
  }

  /** What it has said when it has ended. */
  async ended(): Promise<string> {
    await this.#closed;
    return this.#said;
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.process.kill(signal);
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** A server of a test's own, which may be killed and started again with its data. */
export class OwnServer implements AsyncDisposable {
  readonly #services: Spoken;
  readonly #name: string;
  readonly address: string;
  #orders = 0;

  private constructor(services: Spoken, name: string) {
    this.#services = services;
    this.#name = name;
    this.address = /^export HOLDFAST_(?:TEMPORAL|POSTGRES)=(.*)$/mu.exec(services.said)?.[1] ?? "";
  }

  static async start(name: "postgres" | "temporal"): Promise<OwnServer> {
    const services = new Spoken([SERVICES, name, "--steered"]);
    await services.until(/^export HOLDFAST_(?:TEMPORAL|POSTGRES)=.*\n/mu);
    return new OwnServer(services, name);
  }

  /** Kills it, stops it in order, or starts it again. */
  async order(word: "halt" | "kill" | "resume"): Promise<void> {
    this.#orders += 1;
    this.#services.process.stdin?.write(`${word} ${this.#name}\n`);
    await this.#services.until(new RegExp(`(?:done [^]*){${this.#orders}}`, "u"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#services.kill("SIGTERM");
  }
}

export interface Agent {
  readonly id: string;
  readonly key: string;
}

export interface StageOptions {
  readonly address?: string;
  /** Default: a SQLite file of its own. */
  readonly intents?: string;
  readonly every?: string;
  readonly periods: number;
  /** Plans beside each other. Default 1. */
  readonly plans?: number;
}

/** A venue whose clock stands still, an agent there, and a plan that worker processes buy for. */
export class Stage implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "holdfast-cluster-"));
  readonly own: string = randomUUID().slice(0, 8);
  readonly sandbox: Sandbox;
  readonly intents: string;
  readonly #options: StageOptions;
  readonly agent: Agent;
  readonly #workers: Spoken[] = [];

  private constructor(sandbox: Sandbox, agent: Agent, options: StageOptions) {
    this.sandbox = sandbox;
    this.agent = agent;
    this.#options = options;
    this.intents = options.intents ?? join(this.folder, "intents.sqlite");
  }

  static async open(options: StageOptions): Promise<Stage> {
    const clock = { mode: "frozen", now: 1_767_603_600_000 } as const;
    const sandbox = await openSandbox({ path: ":memory:", clock });
    const client = createPurpleFlea({ baseUrl: sandbox.url });
    const { agent_id: id, api_key: key } = await client.faucet.register(
      { name: "cluster" },
      { key: "register" },
    );
    return new Stage(sandbox, { id, key }, options);
  }

  /** The agent's API key. */
  get key(): string {
    return this.agent.key;
  }

  /** Starts a process that serves the plan. */
  work(kill = "", planted = false): Spoken {
    const { address: other, every = "100ms", periods, plans = 1 } = this.#options;
    const flags: Readonly<Record<string, string>> = {
      address: other ?? address,
      own: this.own,
      intents: this.intents,
      venue: this.sandbox.url,
      key: this.agent.key,
      every,
      periods: String(periods),
      plans: String(plans),
      ...(kill === "" ? {} : { kill }),
    };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    const worker = new Spoken([WORKER, ...args, ...(planted ? ["--planted"] : [])]);
    this.#workers.push(worker);
    return worker;
  }

  /** Has the venue commit the purchase of a step, and hold its answer. */
  hold(step: number): void {
    const operations = ["open"] as const;
    const nth = step + 1;
    this.sandbox.faults.add({
      kind: "latency",
      when: "after",
      ms: 1_000,
      operations: [...operations],
      nth,
      count: 1,
    });
  }

  /** Resolves when the venue holds an answer. */
  async held(): Promise<void> {
    await eventually("an answer that the venue holds", async () => {
      const { held } = (await this.#clock("held")) as { readonly held: readonly unknown[] };
      return held.length > 0;
    });
  }

  /** Lets the answer go. */
  async release(): Promise<void> {
    this.sandbox.faults.clear();
    await this.#clock("advance", { method: "POST", body: JSON.stringify({ by: 2_000 }) });
  }

  /** Refs with an effect, effects, and effects beyond the first of their ref. */
  counts(): readonly number[] {
    this.sandbox.venue.assertInvariants();
    const { refs, effects, duplicateEffects } = this.sandbox.venue.audit({ agent: this.agent.id });
    return [refs, effects, duplicateEffects];
  }

  /** Requests that the venue answered from memory. */
  get replays(): number {
    return this.sandbox.venue.audit({ agent: this.agent.id }).replays;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) await worker[Symbol.asyncDispose]();
    await this.sandbox.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #clock(path: string, init: RequestInit = {}): Promise<unknown> {
    const { controlUrl, controlToken } = this.sandbox;
    const headers = {
      authorization: `Bearer ${controlToken}`,
      "content-type": "application/json",
    };
    const response = await fetch(`${controlUrl}/_sandbox/clock/${path}`, { ...init, headers });
    assert.ok(response.ok, `The clock of the venue answers ${response.status}`);
    return response.json();
  }
}
