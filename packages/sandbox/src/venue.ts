// The venue itself, without HTTP: takes commands, answers reads. Key, effects, event and stored answer of a
// command commit in one transaction, so that a crash leaves all of them or none. It knows nothing of who calls
// it: no engine, no client.

import { randomUUID } from "node:crypto";
import { type Usdc, micros } from "@holdfast/core";
import { type FindHolder, createFindHolder } from "./agent/key-holder.ts";
import { type KeyHolder, createKeyring } from "./agent/keyring.ts";
import { type Audit, audit } from "./audit/audit.ts";
import type { ClockMode, VenueClock } from "./clock/clock.ts";
import { type ClockOption, openClock } from "./clock/keep.ts";
import type { Wall } from "./clock/wall.ts";
import { createBatch } from "./command/batch.ts";
import type { Command, Sender } from "./command/command.ts";
import {
  type Executed,
  type Executor,
  assertInvariants,
  createExecutor,
} from "./command/executor.ts";
import { randomIdentities, seededIdentities } from "./command/identity.ts";
import type { Watched } from "./command/fired.ts";
import { type Kept, createJournal } from "./command/journal.ts";
import { type Teller, createTeller } from "./command/teller.ts";
import { type TermsOptions, venueTerms } from "./command/terms.ts";
import { createLedger } from "./ledger/ledger.ts";
import { type Market, createMarket } from "./market/market.ts";
import type { Pair } from "./market/pair.ts";
import { type RecordingFile, readRecording } from "./market/recording.ts";
import type { ScriptedPath } from "./market/script.ts";
import type { AuditFilter, Effect } from "./store/audit-query.ts";
import type { Durability } from "./store/database.ts";
import type { EventTable } from "./store/event-table.ts";
import type { Invariant } from "./store/invariant-query.ts";
import { type Store, openStore } from "./store/store.ts";
import { type Reads, createReads } from "./read.ts";
import { createFundingIndex } from "./trade/funding.ts";
import { DEFAULT_RULES, type TradeRules } from "./trade/rules.ts";
import { createLowBalanceWatch } from "./wallet/low-balance.ts";
import { createFanOut } from "./webhook/fan-out.ts";
import { createSender } from "./webhook/sender.ts";

export interface VenueOptions extends TermsOptions {
  /** State file, or ":memory:". Its folder must exist. */
  readonly path: string;
  /** Seed of the market. Default "holdfast". */
  readonly seed?: string;
  /** What a registration gives, in micro-USDC. Default 10,000 USDC. */
  readonly grant?: Usdc;
  /** Default: as the state file left it, else real. `now` in milliseconds since the epoch; never back. */
  readonly clock?: ClockOption;
  /** The machine's time and timers. Tests set one by hand. */
  readonly wall?: Wall;
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
  /** Takes keys that begin with pf_live_ as names of paper agents. Default false: they are refused. */
  readonly acceptLiveKeys?: boolean;
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
  /** The name of an agent; its id where it has none. */
  agentName(agent: string): string;
  /** The agent of an API key; undefined for one that opens nothing. */
  authenticate(apiKey: string): KeyHolder | undefined;
  /** The agent of an API key, or why it opens nothing. */
  readonly keyHolder: FindHolder;
  /** Carries a command out, or answers a repetition from memory; committed when it returns. */
  execute(command: Command, sender: Sender): Executed;
  /**
   * Carries a command out together with others that come in the same turn, in one transaction; committed when it
   * resolves. While the clock stands still each has a transaction of its own, at once.
   */
  submit(command: Command, sender: Sender): Promise<Executed>;
  /** What is kept under an agent's key; undefined when nothing is. */
  lookup(agent: string, key: string, operation?: string, ttlMs?: number): Kept | undefined;
  audit(filter?: AuditFilter): Audit;
  /** Effects after a number, in order, at most `limit`. */
  effects(filter: AuditFilter, after: number, limit: number): readonly Effect[];
  checkInvariants(): readonly Invariant[];
  /** @throws Error naming every invariant that does not hold */
  assertInvariants(): void;
  /** Moves a frozen clock, with all that falls due on the way; returns how many held answers went. */
  advanceTo(instant: number): Promise<number>;
  /** The same, and what fell due by itself: the first `FIRED_MAX`, in due order, and how many more. */
  advance(instant: number): Promise<Watched & { readonly released: number }>;
  /** Changes the clock. False, and nothing changed, where it would go behind the last command. */
  setClock(mode: ClockMode, now?: number, rate?: number): boolean;
  /** Carries out what has fallen due by itself. */
  settle(): void;
  /** Looks at an agent in a transaction of its own, after what has fallen due. */
  look: Executor["look"];
  /** Does something in the venue's own name, in one transaction: what the controls ask for. */
  act: Executor["act"];
  /**
   * Calls back after each commit that told of events; returns how to call it off. While somebody listens, what
   * falls due by itself is carried out at its instant, else when it is looked at.
   */
  onEvents(listener: () => void): () => void;
}

/** Everything that a venue is made of. */
function openParts(options: VenueOptions) {
  const { path, seed = "holdfast", grant = DEFAULT_GRANT, durability = "full" } = options;
  const { pairs, scripts, recordings = [], identitySeed, verify = false, webhooks = {} } = options;
  const { acceptLiveKeys = false } = options;
  const rules = { ...DEFAULT_RULES, ...options.rules };
  const read = recordings.map(readRecording);
  const market = createMarket({ seed, pairs, scripts, recordings: read });
  const store = openStore(path, durability);
  const instanceId = store.meta("instance") ?? `venue_${randomUUID()}`;
  store.setMeta("instance", instanceId);
  const { clock, keep } = openClock(store, options.clock, options.wall);
  const ledger = createLedger(store.ledger);
  const followers = [createFanOut(store), createLowBalanceWatch(store, ledger)];
  const teller = createTeller(store.commands, ledger, followers);
  const journal = createJournal(store.commands, teller);
  const identities =
    identitySeed === undefined ? randomIdentities() : seededIdentities(identitySeed);
  const funding = createFundingIndex(market, store.funding, rules);
  const shared = { store, ledger, market, funding, rules, identities, journal, teller };
  const terms = venueTerms(options);
  const keyring = createKeyring(store);
  const beforeWrite = (): void => {
    keyring.noteUses();
  };
  const executor = createExecutor({ ...shared, terms, clock, grant, verify, beforeWrite });
  const batch = createBatch(executor, clock);
  // What fell due while the venue was down.
  executor.settle();
  const reads = createReads(executor, store);
  const onEvents = onEventsOf(executor, teller, clock, store);
  const sender = createSender({ store, clock, teller, executor, options: webhooks });
  const keyHolder = createFindHolder(keyring, executor, clock, acceptLiveKeys);
  const advanceTo = async (instant: number): Promise<number> => {
    const released = await clock.advanceTo(instant);
    keep();
    executor.settle();
    return released;
  };
  return {
    ...shared,
    instanceId,
    clock,
    keep,
    keyring,
    executor,
    batch,
    reads,
    onEvents,
    keyHolder,
    sender,
    advanceTo,
  };
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
  const { clock, market, store, executor, keyHolder, ...parts } = openParts(options);
  const { instanceId, keep, journal, keyring, batch, reads, onEvents, sender, advanceTo, teller } =
    parts;
  return {
    clock,
    market,
    events: store.events,
    instanceId,
    agentName: (agent) => store.agents.get(agent)?.name ?? agent,
    authenticate(apiKey) {
      const found = keyHolder(apiKey);
      return typeof found === "string" ? undefined : found;
    },
    keyHolder,
    execute: (command, sender) => executor.execute(command, sender),
    submit: (command, sender) => batch.submit(command, sender),
    ...reads,
    lookup: (agent, key, operation, ttlMs) =>
      journal.find(agent, key, { at: clock.now(), operation, ttlMs }),
    audit: (filter = {}) => audit(store, instanceId, filter),
    effects: (filter, after, limit) => store.audit.effects(filter, after, limit),
    checkInvariants: () => store.checkInvariants(),
    assertInvariants: () => {
      assertInvariants(store);
    },
    advanceTo,
    async advance(instant) {
      const watched = teller.fired.watch();
      const released = await advanceTo(instant);
      return { released, ...watched() };
    },
    settle: () => {
      executor.settle();
    },
    look: (agent, read) => executor.look(agent, read),
    act: (deed) => executor.act(deed),
    onEvents,
    setClock(mode, now, rate) {
      if (now !== undefined && now < store.commands.lastAt()) return false;
      clock.set(mode, now, rate);
      keep();
      return true;
    },
    [Symbol.dispose]() {
      batch.close();
      clock.close();
      sender.close();
      keep();
      store.transaction(() => {
        keyring.noteUses();
      });
      store[Symbol.dispose]();
    },
  };
}

/**
 * While somebody listens, or a webhook does, the clock wakes the venue at the instants of what falls due by
 * itself.
 */
function onEventsOf(
  executor: Executor,
  teller: Teller,
  clock: VenueClock,
  { webhooks }: Store,
): Venue["onEvents"] {
  let listeners = 0;
  clock.attach({
    next: (to) => (listeners > 0 || webhooks.anyEnabled() ? executor.nextDue(to) : undefined),
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
