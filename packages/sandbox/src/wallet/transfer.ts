// Paper money from outside and back: USDC, and BTC in an account of its own. Nothing leaves the venue.

import { type Usdc, micros } from "@holdfast/core";
import { type WalletTransferResponse, toGuideNumber } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";
import { VENUE, agentAccount, bitcoinAccount, transactionHash } from "../ledger/ledger.ts";
import type { Asset, WalletCommand } from "./command.ts";

type Deposit = Extract<WalletCommand, { operation: "deposit" }>;
type Withdrawal = Extract<WalletCommand, { operation: "withdraw" }>;

/** Most that one deposit brings: a billion USDC, or a million BTC. */
const UNITS_MAX: Readonly<Record<Asset, bigint>> = {
  USDC: 1_000_000_000_000_000n,
  BTC: 100_000_000_000_000n,
};

export function deposit({ asset, amount }: Deposit, context: Context): Outcome {
  if (amount > UNITS_MAX[asset]) {
    const detail = `A deposit brings at most ${shown(asset, UNITS_MAX[asset])} ${asset}.`;
    return refused("size_too_large", detail);
  }
  const { own, outside } = accounts(asset, context.agent);
  return move({ asset, amount, debit: outside, credit: own, kind: "deposit" }, null, context);
}

export function withdraw({ asset, amount, address }: Withdrawal, context: Context): Outcome {
  const { own, outside } = accounts(asset, context.agent);
  const available = context.ledger.balance(own);
  if (available < amount) {
    const micro = asset === "USDC" ? "micros" : "units";
    return refused("insufficient_funds", "The withdrawal takes more than is available.", {
      [`needed_${micro}`]: amount.toString(),
      [`available_${micro}`]: available.toString(),
    });
  }
  const movement = { asset, amount, debit: own, credit: outside, kind: "withdrawal" } as const;
  return move(movement, address ?? null, context);
}

interface Movement {
  readonly asset: Asset;
  readonly amount: bigint;
  readonly debit: string;
  readonly credit: string;
  readonly kind: "deposit" | "withdrawal";
}

function move(movement: Movement, address: string | null, context: Context): Outcome {
  const { asset, debit, credit, kind } = movement;
  const { store, ledger, agent, at, command } = context;
  const amount: Usdc = micros(movement.amount);
  const subject = address ?? agent;
  const ids = ledger.post([{ debit, credit, amount, kind, agent, subject, at, command }]);
  if (asset === "USDC") {
    store.agents.movePeak(agent, kind === "deposit" ? amount : micros(-amount));
  }
  const balance = ledger.balance(accounts(asset, agent).own);
  return {
    kind: "done",
    status: 200,
    body: {
      transaction_id: `tx_${ids[0] ?? 0}`,
      tx_hash: transactionHash(agent, ids),
      asset,
      amount_units: amount.toString(),
      amount: shown(asset, amount),
      balance_units: balance.toString(),
      balance: shown(asset, balance),
      address,
      status: "completed",
    } satisfies z.input<typeof WalletTransferResponse>,
    agent,
    // The audit counts USDC.
    amount: asset === "USDC" ? amount : micros(0n),
    event: {
      type: kind === "deposit" ? "wallet.deposited" : "wallet.withdrawn",
      payload: { asset, amount_units: amount.toString(), balance_units: balance.toString() },
    },
  };
}

function accounts(asset: Asset, agent: string): { readonly own: string; readonly outside: string } {
  return asset === "USDC"
    ? { own: agentAccount(agent), outside: VENUE.outside }
    : { own: bitcoinAccount(agent), outside: VENUE.outsideBitcoin };
}

function shown(asset: Asset, units: bigint): number {
  return asset === "USDC" ? toGuideNumber(micros(units)) : Number(units) / 100_000_000;
}
