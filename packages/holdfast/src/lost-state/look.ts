// Asks the venue what an account has open and what it did last, and only reads. What the venue has no question for is
// left out; a venue that does not answer is not taken for one that knows nothing.

import { toFailure } from "@holdfast/core";
import type { PurpleFlea } from "@holdfast/purpleflea";
import type { Accounts } from "../host/accounts.ts";
import { type Sighting, type Told, isSilent, sightingOf } from "./sighting.ts";

/** Transactions that are asked for. */
const LIMIT = 100;

/**
 * The accounts that have a key and have acted before, and those of which the venue tells nothing.
 *
 * @throws HF-VENUE-… where the venue does not answer
 */
export async function lookForLost(
  accounts: Pick<Accounts, "names" | "keyKind" | "client">,
): Promise<{
  readonly sightings: readonly Sighting[];
  readonly silent: readonly string[];
}> {
  const sightings: Sighting[] = [];
  const silent: string[] = [];
  for (const account of accounts.names) {
    if (accounts.keyKind(account) === "none") continue;
    const client = accounts.client(account);
    const told = await tell(client);
    const agentId = (await unlessRefused(client.wallet.balance()))?.agent_id;
    if (isSilent(told)) silent.push(account);
    const sighting = sightingOf({ account, agentId }, told);
    if (sighting !== undefined) sightings.push(sighting);
  }
  return { sightings, silent };
}

async function tell({ trade, orders, escrow, wallet, records }: PurpleFlea): Promise<Told> {
  const positions = await unlessRefused(trade.positions());
  const open = await unlessRefused(orders.list({ status: "open" }));
  const escrows = await unlessRefused(escrow.list({ limit: LIMIT }));
  const transactions = await unlessRefused(wallet.transactions({ limit: LIMIT }));
  const trades = transactions ?? (await unlessRefused(records()));
  return {
    ...(positions && { positions }),
    ...(open && { orders: open }),
    ...(escrows && { escrows }),
    ...(transactions && { transactions }),
    ...(trades !== undefined && "trades" in trades && { trades: trades.trades }),
  };
}

/** Undefined where this venue cannot, or this key may not, ask it. */
async function unlessRefused<Value>(asking: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (toFailure(error).disposition === "refused") return undefined;
    throw error;
  }
}
