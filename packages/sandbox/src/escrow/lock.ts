// Locks a payer's money for somebody, until a deadline.

import { type Usdc, micros } from "@holdfast/core";
import { toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { Context } from "../command/context.ts";
import { type Refused, refused } from "../command/outcome.ts";
import { agentAccount, escrowAccount, transactionHash } from "../ledger/ledger.ts";
import type { Term } from "./command.ts";
import type { Escrow } from "./escrow.ts";
import { ESCROW_MAX, ESCROW_MIN, HOUR_MS, LIVE_ESCROWS_MAX } from "./rules.ts";
import { type Change, tellSides } from "./told.ts";

/** Until when an escrow keeps its money where nobody says: 72 hours. */
export const TIMEOUT_HOURS_DEFAULT = 72;
/** The longest term: 30 days. */
export const TIMEOUT_HOURS_MAX = 720;

export interface Wanted {
  readonly to: string;
  readonly amount: Usdc;
  readonly condition: string;
  readonly referrer: string | undefined;
  readonly term: Term;
  readonly job: string | null;
}

/** Takes the money from the payer, or says why not; nothing is changed then. */
export function lock(wanted: Wanted, context: Context): Change | Refused {
  const { store, ledger, identities, agent, at, command } = context;
  const { to, amount, condition, term, job } = wanted;
  const deadline = deadlineOf(term, at);
  if (deadline === undefined) {
    const detail = `deadline: expected an instant within the next ${TIMEOUT_HOURS_MAX} hours`;
    return refused("invalid_request", detail);
  }
  const refusal = refusalOf(wanted, context);
  if (refusal !== undefined) return refusal;
  const id = identities.id("escrow", command);
  const common = { agent, subject: id, at, command, amount, kind: "escrow-lock" } as const;
  const transfers = ledger.post([
    { ...common, debit: agentAccount(agent), credit: escrowAccount(id) },
  ]);
  // Money that is paid for something is no loss: the peak goes along.
  store.agents.movePeak(agent, micros(-amount));
  const nothing = micros(0n);
  const escrow: Escrow = {
    id,
    number: command,
    payer: agent,
    payee: to,
    simulated: store.agents.get(to) === undefined,
    referrer: referrerOf(wanted, context),
    amount,
    condition,
    status: "locked",
    endedBy: null,
    paid: nothing,
    fee: nothing,
    referral: nothing,
    refunded: nothing,
    reason: null,
    wasDone: false,
    txHash: transactionHash(agent, transfers),
    job,
    ref: context.ref ?? null,
    createdAt: at,
    deadline,
    changedAt: at,
  };
  store.escrows.insert(escrow);
  store.timers.set(deadline, "escrow-deadline", id);
  return { escrow, told: tellSides("escrow.created", escrow) };
}

/** A known agent that is no side of the escrow; nobody else gets a part of the fee. */
function referrerOf({ to, referrer }: Wanted, { store, agent }: Context): string | null {
  if (referrer === undefined || referrer === agent || referrer === to) return null;
  return store.agents.get(referrer)?.id ?? null;
}

function refusalOf({ to, amount }: Wanted, { store, ledger, agent }: Context): Refused | undefined {
  if (to === agent) return refused("invalid_request", "An escrow needs somebody else to pay.");
  if (amount < ESCROW_MIN) {
    const detail = `An escrow locks at least ${toGuideNumber(ESCROW_MIN)} USDC.`;
    return refused("size_too_small", detail);
  }
  if (amount > ESCROW_MAX) {
    const detail = `An escrow locks at most ${toGuideNumber(ESCROW_MAX)} USDC.`;
    return refused("size_too_large", detail);
  }
  const available = ledger.balance(agentAccount(agent));
  if (available < amount) {
    return refused("insufficient_funds", "The escrow takes more than is available.", {
      needed_micros: toMicros(amount),
      available_micros: toMicros(available),
    });
  }
  if (store.escrows.countLive(agent) >= LIVE_ESCROWS_MAX) {
    const detail = `An agent has at most ${LIVE_ESCROWS_MAX} escrows that are neither paid nor given back.`;
    return refused("too_many_escrows", detail);
  }
  return undefined;
}

/** Undefined where it lies in the past, or too far ahead. */
function deadlineOf({ timeoutHours, deadline }: Term, at: number): number | undefined {
  if (deadline === undefined) return at + (timeoutHours ?? TIMEOUT_HOURS_DEFAULT) * HOUR_MS;
  const isWithin = deadline > at && deadline <= at + TIMEOUT_HOURS_MAX * HOUR_MS;
  return isWithin ? deadline : undefined;
}
