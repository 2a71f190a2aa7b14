// Carries commands out: one transaction holds the key, the effects, the event and the stored answer. What
// has fallen due by itself until then is carried out first, so that nobody trades on margin that is gone.

import type { Usdc } from "@holdfast/core";
import type { VenueClock } from "../clock/clock.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Market } from "../market/market.ts";
import type { Store } from "../store/store.ts";
import type { FundingIndex } from "../trade/funding.ts";
import type { TradeRules } from "../trade/rules.ts";
import { type Executed, type Write, carryOut } from "./carry-out.ts";
import type { Command, Sender } from "./command.ts";
import type { Context, OwnContext } from "./context.ts";
import type { Identities } from "./identity.ts";
import type { Journal } from "./journal.ts";
import { nextDue, settleOwn } from "./own.ts";
import type { Teller } from "./teller.ts";
import type { Terms } from "./terms.ts";

export type { Executed, Write };

export interface ExecutorParts {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly market: Market;
  readonly funding: FundingIndex;
  readonly rules: TradeRules;
  readonly terms: Terms;
  readonly identities: Identities;
  readonly journal: Journal;
  readonly teller: Teller;
  readonly clock: VenueClock;
  readonly grant: Usdc;
  readonly verify: boolean;
  /** Done in the transaction of each write, before it. */
  readonly beforeWrite: () => void;
}

export interface Executor {
  execute(command: Command, sender: Sender): Executed;
  /** Carries several out in one transaction, in their order; one that throws undoes only its own. */
  executeAll(writes: readonly Write[]): readonly PromiseSettledResult<Executed>[];
  /** Carries out what has fallen due by itself. */
  settle(): void;
  /** Does something in the venue's own name, in one transaction, after what has fallen due. */
  act<Value>(deed: (own: OwnContext, journal: Journal) => Value): Value;
  /** The next instant, at most `to`, at which something falls due by itself. */
  nextDue(to: number): number | undefined;
  /** Looks at an agent in a transaction of its own, after what has fallen due. */
  look<Value>(agent: string, read: (context: Context) => Value): Value;
}

export function createExecutor(parts: ExecutorParts): Executor {
  const {
    store,
    journal,
    teller,
    clock,
    verify,
    ledger,
    market,
    funding,
    rules,
    terms,
    identities,
    grant,
    beforeWrite,
  } = parts;
  const shared = { store, ledger, market, funding, rules, terms, identities, grant };

  /** Until when all that fell due has been carried out. Every deed is a command at its instant. */
  let settled = store.commands.lastAt();

  /** Work at this moment, in one transaction, after what has fallen due by then. */
  function transaction<Value>(work: (at: number) => Value): Value {
    const at = clock.now();
    const value = store.transaction(() => {
      teller.begin();
      // A clock that was set back has nothing due: nothing has happened since.
      settleOwn({ ...shared, at }, Math.min(settled, at), at, journal);
      return work(at);
    });
    settled = at;
    if (verify) assertInvariants(store);
    teller.announce();
    return value;
  }

  function contextOf({ agent, key, ref, fate }: Sender, at: number): Context {
    return { ...shared, at, agent, key, ref, fate, command: journal.nextId() };
  }

  /** One of several in a transaction. */
  function attempt(write: Write, at: number): PromiseSettledResult<Executed> {
    try {
      const value = store.part(() => {
        // Whatever one before it has moved and not told is undone.
        ledger.takeMoved();
        return carryOut(write, at, journal, contextOf);
      });
      return { status: "fulfilled", value };
    } catch (reason) {
      if (!store.isInTransaction()) throw reason;
      return { status: "rejected", reason };
    }
  }

  return {
    execute: (command, sender) =>
      transaction((at) => {
        beforeWrite();
        return carryOut({ command, sender }, at, journal, contextOf);
      }),
    executeAll: (writes) =>
      transaction((at) => {
        beforeWrite();
        return writes.map((write) => attempt(write, at));
      }),
    settle() {
      transaction(() => undefined);
    },
    act: (deed) => transaction((at) => deed({ ...shared, at }, journal)),
    nextDue: (to) => nextDue({ ...shared, at: clock.now() }, settled, to),
    look: (agent, read) => transaction((at) => read(contextOf({ agent }, at))),
  };
}

/** @throws Error naming every invariant that does not hold */
export function assertInvariants(store: Store): void {
  const broken = store.checkInvariants().filter(({ holds }) => !holds);
  if (broken.length > 0) throw new Error(`Invariants do not hold: ${JSON.stringify(broken)}`);
  if (store.ledger.sum() !== 0n) throw new Error("The ledger does not sum to zero.");
}
