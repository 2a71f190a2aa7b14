// A world of kills: an engine and a venue in processes of their own, over real HTTP in real time, each ended by
// SIGKILL again and again and started on its files. Then the venue's ledger is counted.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout } from "node:timers/promises";
import { type Random, seededRandom } from "@holdfast/core";
import type { CrashPoint } from "@holdfast/engine";
import { createPurpleFlea } from "@holdfast/purpleflea";
import { type FaultRuleInput, createVenue } from "@holdfast/sandbox";
import { judge } from "../judge.ts";
import { type PlannedRun, accountsOf, decisionsOf, runsOf } from "../plan.ts";
import { type Counts, NOTHING, type Tally, addCounts, operationsOf } from "../tally.ts";
import { shuffled } from "../weather.ts";
import { KINDS, type Kind } from "./kinds.ts";
import {
  type EngineLine,
  type EngineOrder,
  KILL_BUSINESSES,
  type KillOrder,
  type Started,
  type VenueLine,
  type VenueOrder,
  start,
} from "./process.ts";

const ENGINE = fileURLToPath(new URL("engine.ts", import.meta.url));
const VENUE = fileURLToPath(new URL("venue.ts", import.meta.url));

export interface Kills {
  readonly index: number;
  readonly seed: string;
  readonly effects: number;
  readonly kills: number;
}

/** Effects of one kill: enough that no life sees the end of the work before its kill. */
export const EFFECTS_PER_KILL = 40;
/** A process that has not moved for so long hangs: longer than a retry waits at most. */
const HUNG_MS = 600_000;
/** Effects between two kills, and moments of its kind of which an engine dies at the last: at most. */
const BETWEEN_MAX = 12;
const MOMENTS_MAX = 8;
/** Every how manieth commit ends the venue, where one does. */
const COMMIT_MAX = 10;

const few = { method: "POST", probability: 0.03 } as const;

/** In real time: what is answered late is late by little. */
const FAULTS: readonly FaultRuleInput[] = [
  { kind: "drop", when: "after", ...few },
  { kind: "drop", when: "before", ...few },
  { kind: "status", status: 503, when: "before", ...few },
  { kind: "status", status: 502, when: "after", ...few },
  { kind: "reset", ...few },
  { kind: "truncate", ...few },
  { kind: "repeat", times: 2, ...few },
  { kind: "defer", ms: 300, answer: "504", ...few },
  { kind: "latency", ms: 150, when: "after", ...few },
];

export async function runKills(
  kills: Kills,
  progress: (effects: number) => void = () => undefined,
): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-kills-"));
  const play = new KillPlay(kills, folder, progress);
  try {
    return await play.run();
  } finally {
    await play.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

type EndLine = Extract<EngineLine, { kind: "end" }>;

class KillPlay {
  readonly #kills: Kills;
  readonly #folder: string;
  readonly #progress: (effects: number) => void;
  readonly #runs: readonly PlannedRun[];
  readonly #random: Random;
  readonly #problems: string[] = [];
  readonly #apiKeys: Record<string, string> = {};
  #venue: Started<VenueLine> | undefined;
  #engine: Started<EngineLine> | undefined;
  #address: VenueLine = { url: "", controlUrl: "" };
  #counts: Counts = {};

  constructor(kills: Kills, folder: string, progress: (effects: number) => void) {
    this.#kills = kills;
    this.#folder = folder;
    this.#progress = progress;
    this.#runs = runsOf(kills, KILL_BUSINESSES);
    this.#random = seededRandom(`${kills.seed}/kills`);
  }

  async run(): Promise<Tally> {
    await this.#openVenue([]);
    for (const account of accountsOf(this.#runs)) {
      const nobody = createPurpleFlea({ baseUrl: this.#address.url });
      const mark = { key: `register-${account}`, ref: `world/${account}/register` };
      this.#apiKeys[account] = (await nobody.faucet.register({ name: account }, mark)).api_key;
    }
    await this.#killVenue();
    let end: EndLine | undefined;
    for (const kind of this.#kinds()) {
      end ??= await this.#passOn(this.#upTo(BETWEEN_MAX));
      end ??= await this.#strike(kind);
      if (end !== undefined) this.#problems.push(`all was done before a kill: ${kind}`);
    }
    end ??= await this.#passOn(Infinity);
    await this.#settleVenue();
    return this.#count(end);
  }

  async end(): Promise<void> {
    await Promise.all([this.#engine?.kill(), this.#venue?.kill()]);
  }

  /** Kinds at even rates, in an order made of the seed. */
  #kinds(): readonly Kind[] {
    const kinds: Kind[] = [];
    while (kinds.length < this.#kills.kills) kinds.push(...shuffled(KINDS, this.#random));
    return kinds.slice(0, this.#kills.kills);
  }

  #upTo(most: number): number {
    return 1 + Math.floor(this.#random.next() * most);
  }

  /** Ends a process or two, and starts the venue again. Gives the end of all work, where it came before. */
  async #strike(kind: Kind): Promise<EndLine | undefined> {
    switch (kind) {
      case "engine at any time":
        await this.#killEngine();
        break;
      case "venue at any time":
        await this.#killVenue();
        break;
      case "both at any time":
        await Promise.all([this.#killEngine(), this.#killVenue()]);
        break;
      case "venue after a commit":
        await this.#crashVenue();
        break;
      default: {
        const point = kind.slice("engine at ".length) as CrashPoint;
        const order: KillOrder = { point, nth: this.#upTo(MOMENTS_MAX) };
        this.#engine?.child.send(order);
        const end = await this.#passOn(Infinity, "dies");
        if (end !== undefined) return end;
      }
    }
    this.#counts = addCounts(this.#counts, { [kind]: 1 });
    return undefined;
  }

  /**
   * Lets the engine do so many effects; gives its last line where it ended all work. An engine that ends without
   * one has died: that is wrong where nobody wanted it to.
   */
  async #passOn(effects: number, wanted?: "dies"): Promise<EndLine | undefined> {
    const engine = (this.#engine ??= this.#startEngine());
    for (let left = effects; left > 0;) {
      const line = await inTime(engine.next(), "an engine has said nothing");
      if (line === undefined) {
        const signal = await engine.ended;
        this.#engine = undefined;
        if (wanted !== "dies" || signal !== "SIGKILL")
          throw new Error(`An engine ended by itself (${signal ?? "no signal"}).`);
        return undefined;
      }
      if (line.kind === "end") return line;
      this.#progress(line.effects);
      left -= line.effects;
    }
    return undefined;
  }

  #startEngine(): Started<EngineLine> {
    const { seed, effects } = this.#kills;
    return start<EngineOrder, EngineLine>(ENGINE, {
      journal: join(this.#folder, "journal.sqlite"),
      url: this.#address.url,
      apiKeys: this.#apiKeys,
      world: { seed, effects },
    });
  }

  async #killEngine(): Promise<void> {
    await this.#engine?.kill();
    this.#engine = undefined;
  }

  async #openVenue(faults: readonly FaultRuleInput[]): Promise<void> {
    const { url } = this.#address;
    const venue = start<VenueOrder, VenueLine>(VENUE, {
      path: join(this.#folder, "venue.sqlite"),
      port: url === "" ? 0 : Number(new URL(url).port),
      seed: this.#kills.seed,
      faults,
    });
    this.#venue = venue;
    const address = await inTime(venue.next(), "a venue did not open");
    if (address === undefined) throw new Error("A venue ended before it had opened.");
    this.#address = address;
  }

  /** Kills it and starts it on its file, at the same port. */
  async #killVenue(): Promise<void> {
    await this.#venue?.kill();
    await this.#openVenue(FAULTS);
  }

  /** Lets the venue end itself right after a commit, while the engine goes on. */
  async #crashVenue(): Promise<void> {
    const ended = this.#venue?.ended ?? Promise.resolve(null);
    await this.#control("/_sandbox/faults", {
      method: "POST",
      body: JSON.stringify({ kind: "crash", nth: this.#upTo(COMMIT_MAX), count: 1 }),
    });
    await inTime(ended, "a venue did not crash");
    await this.#openVenue(FAULTS);
  }

  async #control(path: string, init: RequestInit = {}): Promise<unknown> {
    const headers = { authorization: "Bearer kills", "content-type": "application/json" };
    const response = await fetch(`${this.#address.controlUrl}${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`The venue's controls answered ${response.status}.`);
    return response.json();
  }

  /** Waits until the venue holds nothing that it may still carry out, and ends it. */
  async #settleVenue(): Promise<void> {
    for (;;) {
      const { held } = (await this.#control("/_sandbox/clock/held")) as { held: unknown[] };
      if (held.length === 0) break;
    }
    await this.#venue?.kill();
  }

  #count(end: EndLine | undefined): Tally {
    using venue = createVenue({ path: join(this.#folder, "venue.sqlite") });
    const effects = venue
      .effects({}, 0, Number.MAX_SAFE_INTEGER)
      .filter(({ ref }) => ref?.startsWith("world/") !== true);
    const { intents = [], refused = [], late = [] } = end ?? {};
    const { problems, ...judged } = judge({
      expected: decisionsOf(this.#runs),
      effects,
      intents,
      given: { refused, late },
    });
    const broken = venue.checkInvariants().filter(({ holds }) => !holds);
    const wrong = [
      ...problems,
      ...this.#problems,
      ...(end?.problems ?? ["no engine came to its end"]),
      ...broken.map((invariant) => `broken at the venue: ${JSON.stringify(invariant)}`),
    ];
    return {
      ...NOTHING,
      ...judged,
      refused: refused.length,
      late: late.length,
      replays: venue.audit().replays,
      kills: this.#counts,
      operations: operationsOf(effects),
      problems: wrong.map((problem) => `kills ${this.#kills.index}: ${problem}`),
    };
  }
}

/** What a promise gives, unless nothing happens for too long. */
async function inTime<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  const timer = new AbortController();
  const late = setTimeout(HUNG_MS, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new Error(`Hung: ${what} for ${HUNG_MS / 1_000} s.`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}
