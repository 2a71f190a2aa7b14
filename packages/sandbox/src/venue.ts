// The venue itself, without HTTP: takes commands, answers reads. Key, effects, event and stored answer of a
// command commit in one transaction, so that a crash leaves all of them or none. It knows nothing of who calls
// it: no engine, no client.

import { randomUUID } from "node:crypto";
import { type Usdc, micros } from "@holdfast/core";
import { hashApiKey } from "./agent/api-key.ts";
import { type Audit, audit } from "./audit/audit.ts";
import type { ClockMode, VenueClock } from "./clock/clock.ts";
import { type ClockOption, openClock } from "./clock/keep.ts";
import type { Command, Sender } from "./command/command.ts";
import {
  type Executed,
  type Executor,
  assertInvariants,
  createExecutor,
} from "./command/executor.ts";
import { randomIdentities, seededIdentities } from "./command/identity.ts";
import { type Kept, createJournal } from "./command/journal.ts";
import { type Teller, createTeller } from "./command/teller.ts";
import { createLedger } from "./ledger/ledger.ts";
import { type Market, createMarket } from "./market/market.ts";
import type { Pair } from "./market/pair.ts";
import { type RecordingFile, readRecording } from "./market/recording.ts";
import type { ScriptedPath } from "./market/script.ts";
import type { AuditFilter, Effect } from "./store/audit-query.ts";
import type { Durability } from "./store/database.ts";
import type { EventTable } from "./store/event-table.ts";
import type { Invariant } from "./store/invariant-query.ts";
import { openStore } from "./store/store.ts";
import { type Reads, createReads } from "./read.ts";
import { createFundingIndex } from "./trade/funding.ts";
import { DEFAULT_RULES, type TradeRules } from "./trade/rules.ts";

export interface VenueOptions {
  /** State file, or ":memory:". Its folder must exist. */
  readonly path: string;
  /** Seed of the market. Default "holdfast". */
  readonly seed?: string;
  /** What a registration gives, in micro-USDC. Default 10,000 USDC. */
  readonly grant?: Usdc;
  /** Default: as the state file left it, else real. `now` in milliseconds since the epoch; never back. */
  readonly clock?: ClockOption;
  /** Default: BTC, ETH and SOL. */
  readonly pairs?: readonly Pair[];
  /** Price paths written by hand, for tests. */
  readonly scripts?: readonly ScriptedPath[];
  /** Recorded candles or ticks that take the place of the generator for their pairs. */
  readonly recordings?: readonly RecordingFile[];
  /** Fees, cap of funding, formula of the liquidation price: as another venue has them. */
  readonly rules?: Partial<TradeRules>;
  /** Default "full": on disk before it is answered. */
  readonly durability?: Durability;
  /** Makes ids and API keys repeat, for simulations. Default: random. */
  readonly identitySeed?: string;
  /** Checks all invariants after every transaction, for tests: linear in the size of the state. */
  readonly verify?: boolean;
}

/** What a registration gives by default: 10,000 USDC. */
export const DEFAULT_GRANT: Usdc = micros(10_000_000_000n);

/** A paper venue, in process. */
export interface Venue extends Disposable, Reads {
  readonly clock: VenueClock;
  readonly market: Market;
  /** Events that were told, for those who pass them on. */
  readonly events: EventTable;
  /** Made with the state file: another file is another venue. */
  readonly instanceId: string;
  /** The agent of an API key. */
  authenticate(apiKey: string): { readonly id: string; readonly name: string } | undefined;
  /** Carries a command out, or answers a repetition from memory; committed when it returns. */
  execute(command: Command, sender: Sender): Executed;
  /** What is kept under an agent's key; undefined when nothing is. */
  lookup(agent: string, key: string, operation?: string): Kept | undefined;
  audit(filter?: AuditFilter): Audit;
  /** Effects after a number, in order, at most `limit`. */
  effects(filter: AuditFilter, after: number, limit: number): readonly Effect[];
  checkInvariants(): readonly Invariant[];
  /** @throws Error naming every invariant that does not hold */
  assertInvariants(): void;
  /** Moves a frozen clock, with all that falls due on the way; returns how many held answers went. */
  advanceTo(instant: number): Promise<number>;
  /** Changes the clock. False, and nothing changed, where it would go behind the last command. */
  setClock(mode: ClockMode, now?: number, rate?: number): boolean;
  /** Carries out what has fallen due by itself. */
  settle(): void;
  /** Looks at an agent in a transaction of its own, after what has fallen due. */
  look: Executor["look"];
  /**
   * Calls back after each commit that told of events; returns how to call it off. While somebody listens, what
   * falls due by itself is carried out at its instant, else when it is looked at.
   */
  onEvents(listener: () => void): () => void;
}

/**
 * Opens a venue on its state file.
 *
 * @throws HF-VENUE-STATE-LOCKED, HF-VENUE-STATE-NEWER, HF-VENUE-STATE-FOREIGN, HF-VENUE-STATE-UNUSABLE,
 *   HF-VENUE-STATE-OLDER, HF-VENUE-SCRIPT-INVALID, HF-VENUE-REPLAY-INVALID
 * @example
 * using venue = createVenue({ path: ":memory:" });
 * venue.execute({ operation: "register", name: "dca", description: "" }, { agent: "" });
 */
export function createVenue(options: VenueOptions): Venue {
  const { path, seed = "holdfast", grant = DEFAULT_GRANT, durability = "full" } = options;
  const { pairs, scripts, recordings = [], identitySeed, verify = false } = options;
  const rules = { ...DEFAULT_RULES, ...options.rules };
  const read = recordings.map(readRecording);
  const market = createMarket({ seed, pairs, scripts, recordings: read });
  const store = openStore(path, durability);
  const instanceId = store.meta("instance") ?? `venue_${randomUUID()}`;
  store.setMeta("instance", instanceId);
  const { clock, keep } = openClock(store, options.clock);
  const ledger = createLedger(store.ledger);
  const teller = createTeller(store.commands, ledger);
  const journal = createJournal(store.commands, teller);
  const identities =
    identitySeed === undefined ? randomIdentities() : seededIdentities(identitySeed);
  const funding = createFundingIndex(market, store.funding, rules);
  const shared = { store, ledger, market, funding, rules, identities, journal, teller };
  const executor = createExecutor({ ...shared, clock, grant, verify });
  // What fell due while the venue was down.
  executor.settle();
  const reads = createReads(executor, store);
  const onEvents = onEventsOf(executor, teller, clock);

  return {
    clock,
    market,
    events: store.events,
    instanceId,
    authenticate: (apiKey) => store.agents.byKeyHash(hashApiKey(apiKey)),
    execute: (command, sender) => executor.execute(command, sender),
    ...reads,
    lookup: (agent, key, operation) => journal.find(agent, key, clock.now(), operation),
    audit: (filter = {}) => audit(store, instanceId, filter),
    effects: (filter, after, limit) => store.audit.effects(filter, after, limit),
    checkInvariants: () => store.checkInvariants(),
    assertInvariants: () => {
      assertInvariants(store);
    },
    async advanceTo(instant) {
      const released = await clock.advanceTo(instant);
      keep();
      executor.settle();
      return released;
    },
    settle: () => {
      executor.settle();
    },
    look: (agent, read) => executor.look(agent, read),
    onEvents,
    setClock(mode, now, rate) {
      if (now !== undefined && now < store.commands.lastAt()) return false;
      clock.set(mode, now, rate);
      keep();
      return true;
    },
    [Symbol.dispose]() {
      clock.close();
      keep();
      store[Symbol.dispose]();
    },
  };
}

/** While somebody listens, the clock wakes the venue at the instants of what falls due by itself. */
function onEventsOf(executor: Executor, teller: Teller, clock: VenueClock): Venue["onEvents"] {
  let listeners = 0;
  clock.attach({
    next: (to) => (listeners > 0 ? executor.nextDue(to) : undefined),
    run: () => {
      executor.settle();
    },
  });
  return (listener) => {
    listeners += 1;
    const leave = teller.onTold(listener);
    clock.rearm();
    return () => {
      listeners -= 1;
      leave();
    };
  };
}
