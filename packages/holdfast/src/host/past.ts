// A start on an empty journal with an agent that the venue knows well: its state was deleted, or lies elsewhere. What it
// did is at the venue only, and its fleet begins anew: that is noticed before the fleet is started.

import { type HostedEngine, type Log, formatUsdc } from "@holdfast/core";
import type { PurpleFlea } from "@holdfast/purpleflea";
import type { Accounts } from "./accounts.ts";

/** Positions that are named. */
const NAMED_MAX = 5;

export interface PastOptions {
  readonly engine: HostedEngine;
  readonly accounts: Pick<Accounts, "names" | "keyKind" | "client">;
  readonly log: Log;
}

/** Warns for each account that holds positions of which the journal knows nothing. An account without a key has none. */
export async function noticePast({ engine, accounts, log }: PastOptions): Promise<void> {
  if ((await engine.list({ limit: 1 })).runs.length > 0) return;
  const known = accounts.names.filter((account) => accounts.keyKind(account) !== "none");
  await Promise.all(
    known.map(async (account) => {
      const positions = await openPositions(accounts.client(account));
      if (positions.length === 0) return;
      log.warn(told(account, positions), {
        code: "HF-STATE-GONE",
        account,
        positions: positions.length,
      });
    }),
  );
}

type Position = Awaited<ReturnType<PurpleFlea["trade"]["positions"]>>[number];

/** None where the venue does not answer: a fleet comes up during an outage, too. */
async function openPositions({ trade }: PurpleFlea): Promise<readonly Position[]> {
  return trade.positions().catch(() => []);
}

function told(account: string, positions: readonly Position[]): string {
  const named = positions
    .slice(0, NAMED_MAX)
    .map(({ symbol, side, size_micros: size }) => `${side} ${symbol} of ${formatUsdc(size)} USDC`);
  const more = positions.length - named.length;
  const what = `${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
  return `The journal is empty, and the venue knows account "${account}" already: it holds ${what}. If its state was deleted, stop, and bring the state folder back: the runs begin anew here, and act again.`;
}
