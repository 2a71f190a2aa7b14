// Carries commands out: one transaction holds the key, the effects, the event and the stored answer. What
// has fallen due by itself until then is carried out first, so that nobody trades on margin that is gone.

import type { Usdc } from "@holdfast/core";
import type { VenueClock } from "../clock/clock.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Market } from "../market/market.ts";
import type { Store } from "../store/store.ts";
import type { FundingIndex } from "../trade/funding.ts";
import type { TradeRules } from "../trade/rules.ts";
import type { Command, Json, Sender } from "./command.ts";
import type { Context } from "./context.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Identities } from "./identity.ts";
import type { Journal } from "./journal.ts";
import { type Outcome, refused } from "./outcome.ts";
import { nextDue, settleOwn } from "./own.ts";
import { perform } from "./perform.ts";
import type { Teller } from "./teller.ts";

/** What is answered to a command. */
export interface Executed {
  readonly status: number;
  readonly body: Json;
  /** True when it was answered from memory. */
  readonly replayed: boolean;
  readonly retryAfterSeconds?: number | undefined;
}

/** A command and who sends it. */
export interface Write {
  readonly command: Command;
  readonly sender: Sender;
}

export interface ExecutorParts {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly market: Market;
  readonly funding: FundingIndex;
  readonly rules: TradeRules;
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
    identities,
    grant,
    beforeWrite,
  } = parts;
  const shared = { store, ledger, market, funding, rules, identities, grant };

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

  function contextOf({ agent, key, ref }: Sender, at: number): Context {
    return { ...shared, at, agent, key, ref, command: journal.nextId() };
  }

  function known(command: Command, mark: string, { agent, key }: Sender, at: number) {
    if (key === undefined) return undefined;
    const kept = journal.find(agent, key, at, command.operation);
    if (kept === undefined) return undefined;
    if (kept.fingerprint !== mark) {
      const detail = "This key was used before, with another body.";
      return answer(refused("idempotency_mismatch", detail));
    }
    journal.countReplay(kept.id);
    return { status: kept.status, body: kept.body, replayed: true };
  }

  function executeOne({ command, sender }: Write, at: number): Executed {
    const mark = fingerprint(command);
    const repeated = known(command, mark, sender, at);
    if (repeated !== undefined) return repeated;
    const context = contextOf(sender, at);
    const outcome = perform(command, context);
    const { operation } = command;
    const doing = { id: context.command, operation, sender, fingerprint: mark, at };
    journal.keep(doing, outcome);
    return answer(outcome);
  }

  /** One of several in a transaction. */
  function attempt(write: Write, at: number): PromiseSettledResult<Executed> {
    try {
      const value = store.part(() => {
        // Whatever one before it has moved and not told is undone.
        ledger.takeMoved();
        return executeOne(write, at);
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
        return executeOne({ command, sender }, at);
      }),
    executeAll: (writes) =>
      transaction((at) => {
        beforeWrite();
        return writes.map((write) => attempt(write, at));
      }),
    settle() {
      transaction(() => undefined);
    },
    nextDue: (to) => nextDue({ ...shared, at: clock.now() }, settled, to),
    look: (agent, read) => transaction((at) => read(contextOf({ agent }, at))),
  };
}

function answer(outcome: Outcome): Executed {
  const { status, body } = outcome;
  if (outcome.kind === "done" || outcome.retryAfterSeconds === undefined) {
    return { status, body, replayed: false };
  }
  return { status, body, replayed: false, retryAfterSeconds: outcome.retryAfterSeconds };
}

/** @throws Error naming every invariant that does not hold */
export function assertInvariants(store: Store): void {
  const broken = store.checkInvariants().filter(({ holds }) => !holds);
  if (broken.length > 0) throw new Error(`Invariants do not hold: ${JSON.stringify(broken)}`);
  if (store.ledger.sum() !== 0n) throw new Error("The ledger does not sum to zero.");
}
