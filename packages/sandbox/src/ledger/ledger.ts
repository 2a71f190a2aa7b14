// The double-entry ledger: immutable transfers from one account to another. No money appears or vanishes:
// the sum over all accounts is zero, always. It knows accounts, not products.

import { createHash } from "node:crypto";
import { HoldfastError, type Usdc, micros } from "@holdfast/core";
import type { LedgerTable, TransferRow } from "../store/ledger-table.ts";

/** What a transfer is for. */
export type TransferKind =
  | "grant"
  | "faucet"
  | "margin"
  | "margin-return"
  | "fee"
  | "profit"
  | "loss"
  | "funding"
  | "liquidation"
  | "insurance"
  | "insurance-cover"
  | "hold"
  | "hold-capture"
  | "hold-return"
  | "escrow-lock"
  | "escrow-payment"
  | "escrow-fee"
  | "escrow-referral"
  | "escrow-refund"
  | "deposit"
  | "withdrawal"
  | "stake"
  | "stake-return"
  | "bet-win"
  | "bet-loss"
  | "domain";

export interface Transfer extends TransferRow {
  readonly kind: TransferKind;
}

/** The venue's own side of the book: these accounts may owe. */
export const VENUE = {
  grants: "venue:grants",
  faucet: "venue:faucet",
  clearing: "venue:clearing",
  fees: "venue:fees",
  insurance: "venue:insurance",
  funding: "venue:funding",
  bank: "venue:bank",
  domains: "venue:domains",
  outside: "venue:outside",
  outsideBitcoin: "venue:outside:btc",
} as const;

const AGENT = "agent:";

/** What an agent may spend. */
export const agentAccount = (agent: string): string => `${AGENT}${agent}`;
/** The BTC of an agent, in 1e-8 BTC: never moved together with USDC. */
export const bitcoinAccount = (agent: string): string => `btc:${agent}`;
/** The isolated margin of one position. */
export const marginAccount = (position: string): string => `margin:${position}`;

/** What an open order has reserved. */
export const holdAccount = (order: string): string => `hold:${order}`;

/** What a transfer of a reservation's second phase is part of. */
export type Deed = Pick<Transfer, "at" | "command">;
/** What an escrow keeps. */
export const escrowAccount = (escrow: string): string => `escrow:${escrow}`;

/** What somebody has been paid who is no agent of this venue. */
export const counterpartAccount = (name: string): string => `counterpart:${name}`;

export interface Ledger {
  /** What may be spent of it: credits less debits, less what is reserved. */
  balance(account: string): Usdc;
  /**
   * Reserves what one transfer would move, under its subject: it may not be spent otherwise, and has not moved. A
   * subject reserves once; nothing is reserved for an amount of nothing.
   *
   * @throws HF-LEDGER-OVERDRAWN
   */
  reserve(transfer: Transfer): void;
  /**
   * Posts a part of what a subject has reserved.
   *
   * @throws HF-LEDGER-OVERDRAWN where less is reserved
   */
  capture(subject: string, amount: Usdc, deed: Deed): void;
  /**
   * Gives a part of what a subject has reserved back.
   *
   * @throws HF-LEDGER-OVERDRAWN where less is reserved
   */
  release(subject: string, amount: Usdc, deed: Deed): void;
  /**
   * Posts linked transfers in the caller's transaction and returns their numbers; those of nothing are left
   * out.
   *
   * @throws HF-LEDGER-OVERDRAWN
   */
  post(transfers: readonly Transfer[]): readonly number[];
  /** By how much the spendable USDC of agents has changed since this was asked last. */
  takeMoved(): ReadonlyMap<string, Usdc>;
}

export function createLedger(table: LedgerTable): Ledger {
  const mayOwe = (account: string): boolean => account.startsWith("venue:");

  let moved = new Map<string, Usdc>();

  function move(account: string, change: bigint): void {
    if (!account.startsWith(AGENT)) return;
    const agent = account.slice(AGENT.length);
    moved.set(agent, micros((moved.get(agent) ?? 0n) + change));
  }

  function post(transfer: Transfer): number {
    const { debit, credit, amount } = transfer;
    table.openAccount(debit, mayOwe(debit));
    table.openAccount(credit, mayOwe(credit));
    if (!table.debit(debit, amount)) throw overdrawn(transfer);
    table.credit(credit, amount);
    move(debit, -amount);
    move(credit, amount);
    return table.insert(transfer);
  }

  function reserve(transfer: Transfer): void {
    const { debit, credit, amount } = transfer;
    if (amount === 0n) return;
    table.openAccount(debit, mayOwe(debit));
    table.openAccount(credit, mayOwe(credit));
    if (!table.debitPending(debit, amount)) throw overdrawn(transfer);
    table.creditPending(credit, amount);
    move(debit, -amount);
    table.insert(transfer, "pending");
  }

  /** The second phase: a part of a reservation moves, or goes back. */
  function end(subject: string, amount: Usdc, deed: Deed, state: "posted" | "voided"): void {
    if (amount === 0n) return;
    const pending = table.pending(subject);
    const { debit = `pending:${subject}`, credit = "", agent = "", rest = 0n } = pending ?? {};
    const kind = state === "posted" ? "hold-capture" : "hold-return";
    const transfer = { ...deed, debit, credit, amount, kind, agent, subject } as const;
    if (pending === undefined || rest < amount) throw overdrawn(transfer);
    table.debitPending(debit, micros(-amount));
    table.creditPending(credit, micros(-amount));
    if (state === "voided") {
      move(debit, amount);
    } else {
      if (!table.debit(debit, amount)) throw overdrawn(transfer);
      table.credit(credit, amount);
    }
    table.insert(transfer, state, pending.id);
  }

  return {
    balance: (account) => table.balance(account),
    reserve,
    capture: (subject, amount, deed) => {
      end(subject, amount, deed, "posted");
    },
    release: (subject, amount, deed) => {
      end(subject, amount, deed, "voided");
    },
    post: (transfers) => transfers.filter(({ amount }) => amount !== 0n).map(post),
    takeMoved() {
      const taken = moved;
      moved = new Map();
      return taken;
    },
  };
}

/** The hash of a set of transfers, reproducible from the ledger. */
export function transactionHash(agent: string, transfers: readonly number[]): string {
  const text = JSON.stringify([agent, ...transfers]);
  return `0x${createHash("sha256").update(text).digest("hex")}`;
}

function overdrawn({ debit, amount }: Transfer): HoldfastError {
  return new HoldfastError(
    "HF-LEDGER-OVERDRAWN",
    `Cannot take ${amount} micro-USDC from ${debit}: it holds less.`,
    { class: "logic", disposition: "refused", outcome: "refused" },
  );
}
