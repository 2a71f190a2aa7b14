// Tells of deeds: events in the outbox, in the transaction of the deed. One says what was done; others follow from
// it: for those whom it concerns, too, and for each balance that it has changed.

import type { Usdc } from "@holdfast/core";
import { toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import { type Ledger, agentAccount } from "../ledger/ledger.ts";
import type { CommandTable, EventRow } from "../store/command-table.ts";
import { type FiredLog, createFired } from "./fired.ts";
import { eventId } from "./identity.ts";
import type { Told } from "./outcome.ts";

/**
 * Numbers of event ids below this are not given to what is kept: at the same instant, events that are made
 * when somebody listens (candles) come first.
 */
export const EVENT_NUMBERS_RESERVED = 1_024;

export interface Deed {
  readonly id: number;
  readonly at: number;
  readonly operation: string;
}

/** Hears of each event in its transaction, and says what is told because of it. */
export type Follower = (event: EventRow) => readonly Told[];

export interface Teller {
  /** Its own event first, then those for others, then those of balances. */
  tell(event: Told, tells: readonly Told[] | undefined, deed: Deed): void;
  /** What the venue did by itself, of transactions that were committed. */
  readonly fired: FiredLog;
  /** Begins a transaction: forgets what one that failed has moved and told. */
  begin(): void;
  /** After a commit: calls back where it told of events. */
  announce(): void;
  /** Calls back after each commit that told of events; returns how to call it off. */
  onTold(listener: () => void): () => void;
}

export function createTeller(
  table: CommandTable,
  ledger: Ledger,
  followers: readonly Follower[] = [],
): Teller {
  let told = false;
  const listeners = new Set<() => void>();
  const fired = createFired();

  function insert(event: Told, at: number, command: number, main: boolean): void {
    const { type, agent } = event;
    const id = eventId(at, EVENT_NUMBERS_RESERVED + table.nextEventId());
    const payload = JSON.stringify(event.payload);
    const row: EventRow = { eventId: id, agent, type, payload, at, command, main };
    table.insertEvent(row);
    told = true;
    for (const follow of followers) {
      for (const other of follow(row)) insert(other, at, command, false);
    }
  }

  function tellAll(event: Told, tells: readonly Told[] | undefined, deed: Deed): void {
    const { id, at, operation } = deed;
    insert(event, at, id, true);
    for (const other of tells ?? []) insert(other, at, id, false);
    for (const [agent, change] of ledger.takeMoved()) {
      if (change !== 0n) insert(balanceChanged(agent, change, operation, ledger), at, id, false);
    }
  }

  return {
    tell: tellAll,
    fired,
    begin() {
      told = false;
      fired.begin();
      ledger.takeMoved();
    },
    announce() {
      fired.commit();
      if (told) for (const listener of listeners) listener();
    },
    onTold(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

function balanceChanged(agent: string, change: Usdc, reason: string, ledger: Ledger): Told {
  const balance = ledger.balance(agentAccount(agent));
  const payload = {
    new_balance_usdc: toGuideNumber(balance),
    balance_micros: toMicros(balance),
    change_usdc: toGuideNumber(change),
    change_micros: toMicros(change),
    reason,
  };
  return { type: "wallet.balance_changed", payload, agent };
}
