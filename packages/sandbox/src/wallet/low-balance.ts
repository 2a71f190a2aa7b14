// Tells an agent, once, that its spendable balance has fallen below the threshold that it has set; and again only
// after the balance has recovered to somewhat more than the threshold, so that a balance that wavers around it
// does not tell at each step.

import { type Usdc, micros } from "@holdfast/core";
import {
  type LowBalanceThresholdResponse,
  toGuideNumber,
  toMicros,
} from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import type { Outcome, Told } from "../command/outcome.ts";
import type { Follower } from "../command/teller.ts";
import { type Ledger, agentAccount } from "../ledger/ledger.ts";
import type { LowBalance } from "../store/low-balance-table.ts";
import type { Store } from "../store/store.ts";
import type { WalletCommand } from "./command.ts";

/** The balance has recovered at so much more than the threshold: 5 %, rounded up to a micro-USDC. */
export const RECOVERED_PERCENT = 5n;

type Command = Extract<WalletCommand, { operation: "set-low-balance-threshold" }>;
type Answer = z.input<typeof LowBalanceThresholdResponse>;

/** Below it already, and not told so: it is told in the same transaction. */
export function setLowBalanceThreshold({ threshold }: Command, context: Context): Outcome {
  const { store, ledger, agent } = context;
  const balance = ledger.balance(agentAccount(agent));
  const wasLow = store.lowBalances.get(agent)?.isLow ?? false;
  const isLow = wasLow ? balance < recovered(threshold) : balance < threshold;
  if (threshold === 0n) store.lowBalances.remove(agent);
  else store.lowBalances.set(agent, { threshold, isLow });
  return {
    kind: "done",
    status: 200,
    body: { ...lowBalance(context) },
    agent,
    amount: micros(0n),
    event: {
      type: "wallet.low_balance_threshold_set",
      payload: { threshold_usdc: toGuideNumber(threshold), threshold_micros: toMicros(threshold) },
    },
    tells: isLow && !wasLow ? [low(agent, balance, threshold)] : [],
  };
}

export function lowBalance({ store, agent }: Pick<Context, "store" | "agent">): Answer {
  const off: LowBalance = { threshold: micros(0n), isLow: false };
  const { threshold, isLow } = store.lowBalances.get(agent) ?? off;
  return {
    threshold_micros: toMicros(threshold),
    threshold_usdc: toGuideNumber(threshold),
    rearm_micros: toMicros(recovered(threshold)),
    rearm_usdc: toGuideNumber(recovered(threshold)),
    is_low: isLow,
  };
}

/** Watches every change of a spendable balance, in its transaction. */
export function createLowBalanceWatch({ lowBalances }: Store, ledger: Ledger): Follower {
  return ({ type, agent }) => {
    if (type !== "wallet.balance_changed") return [];
    const watched = lowBalances.get(agent);
    if (watched === undefined) return [];
    const { threshold, isLow } = watched;
    const balance = ledger.balance(agentAccount(agent));
    if (isLow) {
      if (balance >= recovered(threshold)) lowBalances.set(agent, { threshold, isLow: false });
      return [];
    }
    if (balance >= threshold) return [];
    lowBalances.set(agent, { threshold, isLow: true });
    return [low(agent, balance, threshold)];
  };
}

function recovered(threshold: Usdc): Usdc {
  return micros((threshold * (100n + RECOVERED_PERCENT) + 99n) / 100n);
}

function low(agent: string, balance: Usdc, threshold: Usdc): Told {
  const payload = {
    balance_usdc: toGuideNumber(balance),
    balance_micros: toMicros(balance),
    threshold: toGuideNumber(threshold),
    threshold_micros: toMicros(threshold),
  };
  return { type: "wallet.low_balance", payload, agent };
}
