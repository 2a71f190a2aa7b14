// The venue itself, without HTTP: takes commands, answers reads. Key, effects, event and stored answer of a
// command commit in one transaction, so that a crash leaves all of them or none.

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { type Usdc, micros } from "@holdfast/core";
import { type Audit, type AuditFilter, audit } from "./audit/audit.ts";
import { agentOf, claim, register } from "./agent/agents.ts";
import { type ClockMode, VenueClock } from "./clock/clock.ts";
import { type Answer, type Command, type Json, type Outcome, type Sender, refusal } from "./command/command.ts";
import type { Context } from "./command/context.ts";
import { type CommandJournal, commandJournal } from "./command/journal.ts";
import { type Invariant, checkInvariants } from "./ledger/invariants.ts";
import { type Ledger, createLedger } from "./ledger/ledger.ts";
import { type Market, type ScriptedPath, createMarket } from "./market/market.ts";
import { Database, type Durability } from "./store/database.ts";
import { closeAll, closePosition, liquidate } from "./trade/close.ts";
import { openPosition } from "./trade/open.ts";
import { portfolio, positions } from "./trade/portfolio.ts";
import { positionTable } from "./store/positions.ts";

export interface VenueOptions {
  /** State file, or ":memory:". */
  readonly path: string;
  /** Seed of the market. Default "holdfast". */
  readonly seed?: string;
  /** What a registration gives. Default 10,000 USDC. */
  readonly grant?: Usdc;
  /** Default: real, or as the state file left it. */
  readonly clock?: { readonly mode: ClockMode; readonly now?: number };
  /** Price paths written by hand, for tests. */
  readonly scripts?: readonly ScriptedPath[];
  /** Default "full". */
  readonly durability?: Durability;
  /** Checks all invariants after every command: for tests. */
  readonly verify?: boolean;
}

/** What a registration gives by default. */
export const DEFAULT_GRANT: Usdc = micros(10_000_000_000n);

export interface Executed extends Answer {
  readonly replayed: boolean;
  readonly retryAfterS?: number | undefined;
}

export class Venue implements Disposable {
  readonly clock: VenueClock;
  readonly market: Market;
  readonly instanceId: string;
  readonly database: Database;
  readonly #ledger: Ledger;
  readonly #journal: CommandJournal;
  readonly #grant: Usdc;
  readonly #verify: boolean;

  constructor(options: VenueOptions) {
    this.database = new Database(options.path, options.durability);
    this.#ledger = createLedger(this.database);
    this.#journal = commandJournal(this.database);
    this.#grant = options.grant ?? DEFAULT_GRANT;
    this.#verify = options.verify ?? false;
    this.market = createMarket(options.seed ?? "holdfast", options.scripts);
    this.instanceId = this.#remember("instance", () => `venue_${randomUUID()}`);
    const kept = this.database.meta("frozen");
    const mode = options.clock?.mode ?? (kept === undefined ? "real" : "frozen");
    // A frozen clock goes on where it stood, so that a restarted venue is in the same moment.
    const now = kept === undefined ? options.clock?.now : Math.max(Number(kept), options.clock?.now ?? 0);
    this.clock = now === undefined ? new VenueClock(mode) : new VenueClock(mode, now);
    this.#keepClock();
  }

  /** The agent of an API key. */
  authenticate(apiKey: string): string | undefined {
    return agentOf(this.database, apiKey);
  }

  execute(command: Command, sender: Sender): Executed {
    const at = this.clock.now();
    const fingerprint = fingerprintOf(command);
    const executed = this.database.transaction((): Executed => {
      const known = this.#journal.find(sender, command.operation, at);
      if (known !== undefined) {
        if (known.fingerprint !== fingerprint) {
          return { ...refusal(422, "idempotency_mismatch", "This key was used before with another body."), replayed: false };
        }
        this.#journal.replayed(known.id);
        return { status: known.status, body: known.body, replayed: true };
      }
      const id = this.#journal.nextId();
      const outcome = this.#perform(command, this.#context(sender, id, at));
      // What will be answered otherwise later is not kept: the key stays free for the next try.
      if (outcome.retryAfterS === undefined && outcome.status !== 404) {
        this.#journal.insert(id, sender, command.operation, fingerprint, at, outcome);
      }
      return { status: outcome.status, body: outcome.body, replayed: false, retryAfterS: outcome.retryAfterS };
    });
    if (this.#verify) this.assertInvariants();
    return executed;
  }

  balance(agent: string): Json {
    const balance = this.#ledger.balance(`agent:${agent}`);
    return { agent_id: agent, usdc: Number(balance) / 1_000_000, usdc_micros: balance.toString(), btc: 0 };
  }

  transactions(agent: string, limit: number): readonly Json[] {
    const own = `agent:${agent}`;
    return this.#ledger.transfers(agent, limit).map((transfer) => {
      const amount = transfer.credit === own ? transfer.amount : transfer.debit === own ? -transfer.amount : 0n;
      const profit = transfer.kind === "profit" ? transfer.amount : transfer.kind === "loss" || transfer.kind === "liquidation" ? -transfer.amount : 0n;
      return {
        id: `tx_${transfer.id}`,
        date: new Date(transfer.at).toISOString(),
        kind: transfer.kind,
        subject: transfer.subject,
        amount_micros: amount.toString(),
        pnl_usdc: Number(profit) / 1_000_000,
        outcome: profit > 0n ? "win" : profit < 0n ? "loss" : "none",
        ref: transfer.ref,
      };
    });
  }

  positions(agent: string): readonly Json[] {
    return this.#read(agent, positions);
  }

  portfolio(agent: string): Json {
    return this.#read(agent, portfolio);
  }

  prices(): readonly Json[] {
    const at = this.clock.now();
    return this.market.pairs.map((pair) => {
      const { mark, bid, ask } = this.market.quote(pair, at);
      return {
        pair: pair.symbol,
        symbol: pair.symbol,
        price: Number(mark) / 1_000_000,
        price_micros: mark.toString(),
        bid_micros: bid.toString(),
        ask_micros: ask.toString(),
        timestamp_ms: at,
      };
    });
  }

  lookup(agent: string, key: string): Json {
    const found = this.#journal.lookup(agent, key, this.clock.now());
    return found === undefined ? { state: "unknown" } : { state: "done", ...found };
  }

  audit(filter: AuditFilter = {}): Audit {
    return audit(this.database, this.instanceId, filter, this.#ledger.sum(), checkInvariants(this.database));
  }

  async advanceTo(instant: number): Promise<void> {
    await this.clock.advanceTo(instant);
    this.#keepClock();
    for (const agent of positionTable(this.database).agentsWithOpen()) this.#liquidate(agent);
  }

  setClock(mode: ClockMode, now: number | undefined): void {
    this.clock.set(mode, now);
    this.#keepClock();
  }

  /** @throws when an invariant does not hold */
  assertInvariants(): void {
    const broken: Invariant[] = checkInvariants(this.database).filter(({ holds }) => !holds);
    if (broken.length > 0) throw new Error(`Invariants do not hold: ${JSON.stringify(broken)}`);
    if (this.#ledger.sum() !== 0n) throw new Error("The ledger does not sum to zero.");
  }

  [Symbol.dispose](): void {
    this.clock.close();
    this.database[Symbol.dispose]();
  }

  #perform(command: Command, context: Context): Outcome {
    switch (command.operation) {
      case "register":
        return register(command, context);
      case "claim":
        return claim(context);
      case "open":
        liquidate(context);
        return openPosition(command, context);
      case "close":
        liquidate(context);
        return closePosition(command.positionId, context);
      case "close-all":
        liquidate(context);
        return closeAll(context);
    }
  }

  #read<Value>(agent: string, look: (context: Context) => Value): Value {
    return this.database.transaction(() => {
      const context = this.#context({ agent, key: undefined, carrier: undefined, ref: undefined }, 0, this.clock.now());
      liquidate(context);
      return look(context);
    });
  }

  #liquidate(agent: string): void {
    this.#read(agent, () => undefined);
  }

  #context(sender: Sender, command: number, at: number): Context {
    return {
      database: this.database,
      ledger: this.#ledger,
      market: this.market,
      at,
      command,
      agent: sender.agent,
      ref: sender.ref,
      grant: this.#grant,
      newId: (prefix) => `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 20)}`,
      newSecret: () => randomBytes(24).toString("base64url"),
    };
  }

  #remember(name: string, make: () => string): string {
    const known = this.database.meta(name);
    if (known !== undefined) return known;
    const made = make();
    this.database.setMeta(name, made);
    return made;
  }

  #keepClock(): void {
    if (this.clock.mode === "frozen") this.database.setMeta("frozen", String(this.clock.now()));
    else this.database.raw.exec("DELETE FROM meta WHERE name = 'frozen'");
  }
}

function fingerprintOf(command: Command): string {
  const text = JSON.stringify(command, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
  return createHash("sha256").update(text).digest("hex");
}
