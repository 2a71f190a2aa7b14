// A venue in this process, and the small agent in processes beside it: each start is a process of its own on the one
// state folder.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createPurpleFlea } from "@holdfast/purpleflea";
import { type Sandbox, openSandbox } from "@holdfast/sandbox";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));
/** A process that has not ended by then hangs. */
const LIFE_MS = 120_000;

export interface Ended {
  readonly signal: string | null;
  /** Codes of its warnings, in order. */
  readonly warned: readonly unknown[];
  /** Its outcome. */
  readonly last: unknown;
  readonly stderr: string;
}

export interface StartOptions {
  readonly ticks: number;
  /** Numbers that it keeps for each order, and never lets go. */
  readonly leak?: number;
  /** Limit of its heap. */
  readonly memoryMb?: number;
}

export class Agent implements AsyncDisposable {
  readonly venue: Sandbox;
  readonly #folder: string;
  readonly #key: string;
  readonly #id: string;
  readonly #children: ChildProcess[] = [];

  private constructor(venue: Sandbox, folder: string, key: string, id: string) {
    this.venue = venue;
    this.#folder = folder;
    this.#key = key;
    this.#id = id;
  }

  static async open(): Promise<Agent> {
    const venue = await openSandbox({ path: ":memory:" });
    const registered = await createPurpleFlea({ baseUrl: venue.url }).faucet.register(
      { name: "seed4" },
      { key: "register" },
    );
    const folder = mkdtempSync(join(tmpdir(), "holdfast-seed4-"));
    return new Agent(venue, folder, registered.api_key, registered.agent_id);
  }

  /** Starts the agent in a process of its own. */
  start({ ticks, leak = 0, memoryMb }: StartOptions): {
    readonly child: ChildProcess;
    readonly ended: () => Promise<Ended>;
  } {
    const state = join(this.#folder, "state");
    mkdirSync(state, { recursive: true });
    const limit = memoryMb === undefined ? [] : [`--max-old-space-size=${memoryMb}`];
    const options = {
      journal: join(state, "journal.sqlite"),
      venue: this.venue.url,
      key: this.#key,
      ticks: String(ticks),
      leak: String(leak),
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn(process.execPath, [...limit, WORKER, ...args], {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIFE_MS,
      killSignal: "SIGKILL",
    });
    this.#children.push(child);
    const ended = heard(child);
    return { child, ended: () => ended };
  }

  /** Waits until the venue holds an answer back. */
  async heldAnswer(): Promise<void> {
    const { controlUrl, controlToken } = this.venue;
    const held = `${controlUrl}/_sandbox/clock/held?count=1&wait=30000`;
    const headers = { authorization: `Bearer ${controlToken}` };
    const answer = (await (await fetch(held, { headers })).json()) as { readonly held: unknown[] };
    if (answer.held.length === 0) throw new Error("The venue holds no answer back.");
  }

  /** All that the agent has on its disk. */
  deleteState(): void {
    rmSync(join(this.#folder, "state"), { recursive: true });
  }

  /** Orders at the venue. */
  effects(): number {
    return this.audit().effects;
  }

  /** What the venue's ledger holds, which must add up. */
  audit(): { readonly refs: number; readonly effects: number; readonly duplicateEffects: number } {
    this.venue.venue.assertInvariants();
    const { refs, effects, duplicateEffects } = this.venue.venue.audit({ agent: this.#id });
    return { refs, effects, duplicateEffects };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await this.venue.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function heard(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  const lines = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return {
    signal,
    warned: lines.filter((line) => "warned" in line).map(({ warned }) => warned),
    last: lines.findLast((line) => !("warned" in line)),
    stderr,
  };
}
