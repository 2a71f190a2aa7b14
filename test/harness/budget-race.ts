// The race for a budget: a venue that counts, by key and over real HTTP, and processes that are killed while it
// answers.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type GuardPolicy, guard } from "@holdfast/core";

/** What an effect costs, in USDC, and how many of them the budget lasts for. */
export const UNIT = "1.00";
export const UNITS = 100;
export const OPERATION = "race.spend";
export const BUDGET: GuardPolicy = guard({
  budgets: [
    { per: "agent", span: "total", limit: "100.00" },
    { per: "operation", span: "total", limit: "200.00" },
  ],
  freshness: "off",
  loss: { drawdown: "off", minBalance: "off" },
});

const RACER = fileURLToPath(new URL("budget-racer.ts", import.meta.url));
const PROCESSES = 4;

/** A venue that honours keys. What becomes of an effect lies in its key. */
export class CountingVenue implements AsyncDisposable {
  /** Units that were spent, by key. */
  readonly spent = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  readonly #server: Server;
  onRequest: () => void = () => undefined;

  private constructor() {
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  static async open(): Promise<CountingVenue> {
    const venue = new CountingVenue();
    venue.#server.listen(0, "127.0.0.1");
    await once(venue.#server, "listening");
    return venue;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const key = String(request.headers["key"]);
    const asked = (this.#asked.get(key) ?? 0) + 1;
    this.#asked.set(key, asked);
    const fate = fateOf(key);
    if (fate !== "refused" && fate !== "dropped") this.spent.set(key, 1);
    // Whoever has sent this, or another one, may be dead before it hears the answer.
    this.onRequest();
    const isSilent = fate === "silent" || fate === "dropped" || (fate === "lost" && asked === 1);
    if (isSilent) {
      request.socket.destroy();
      return;
    }
    response.writeHead(fate === "refused" ? 409 : 200);
    response.end();
  }
}

/** `lost`: its first answer; `silent` and `dropped`: all of them, and of the last nothing happens. */
export function fateOf(key: string): "done" | "refused" | "lost" | "silent" | "dropped" {
  const chance = createHash("sha256").update(key).digest().readUInt8(0);
  if (chance < 40) return "refused";
  if (chance < 80) return "lost";
  if (chance < 90) return "silent";
  return chance < 100 ? "dropped" : "done";
}

export interface RaceOptions {
  readonly venue: CountingVenue;
  /** Path of a SQLite file, or postgres://… */
  readonly intents: string;
  readonly schema: string;
  /** Processes that are killed on the way, each time another one, and begun again. */
  readonly kills: number;
  /** Requests at the venue from one kill to the next. */
  readonly every: number;
  /** Tells rounds of one race apart. */
  readonly round: number;
}

/** Lets four processes race until the guard has denied something to each of their workers. Gives the kills. */
export async function race(options: RaceOptions): Promise<number> {
  const { venue, every, round } = options;
  const racers: ChildProcess[] = [];
  let requests = 0;
  let killed = 0;
  venue.onRequest = () => {
    requests += 1;
    if (requests % every !== 0 || killed >= options.kills) return;
    const alive = racers.filter(isAlive);
    const victim = alive[(killed * 7 + requests) % Math.max(1, alive.length)];
    if (victim?.kill("SIGKILL") === true) killed += 1;
  };
  await Promise.all(
    Array.from({ length: PROCESSES }, async (_, index) => {
      for (let life = 0; ; life += 1) {
        const racer = begin(options, `racer-${index}`, `${round}.${life}`);
        racers[index] = racer;
        const [code, signal] = (await once(racer, "exit")) as [number | null, string | null];
        if (signal === "SIGKILL") continue;
        if (code !== 0) throw new Error(`A racer ended with ${code ?? signal}.`);
        return;
      }
    }),
  );
  venue.onRequest = () => undefined;
  return killed;
}

function begin({ intents, schema, venue }: RaceOptions, name: string, life: string): ChildProcess {
  const named = ["--intents", intents, "--schema", schema, "--venue", venue.url];
  const args = [RACER, ...named, "--name", name, "--life", life];
  return spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
