// The client bound to one attempt: its write carries key, ref and abort signal by itself. A second write in
// one attempt needs a key of its own: `a.part("leg-2").use(purpleFlea)`.

import { type AttemptBinding, HoldfastError } from "@holdfast/core";
import type { VenueProfile } from "../profile.ts";
import type { CandleRequest, OpenOrder, PlacedOrder, PurpleFlea, WalletAmount } from "./client.ts";
import type { WriteMark } from "./http.ts";

/** Nothing is resent, and no silence believed, in the last hour in which the venue remembers a key. */
const KEY_MARGIN_MS = 3_600_000;

export interface BoundPurpleFlea {
  readonly profile: VenueProfile;
  readonly faucet: {
    register(agent: {
      readonly name: string;
      readonly description?: string | undefined;
    }): ReturnType<PurpleFlea["faucet"]["register"]>;
    claim(): ReturnType<PurpleFlea["faucet"]["claim"]>;
  };
  readonly wallet: {
    balance(): ReturnType<PurpleFlea["wallet"]["balance"]>;
    transactions(options?: {
      readonly limit?: number;
    }): ReturnType<PurpleFlea["wallet"]["transactions"]>;
    deposit(amount: WalletAmount): ReturnType<PurpleFlea["wallet"]["deposit"]>;
    withdraw(
      amount: WalletAmount & { readonly address?: string | undefined },
    ): ReturnType<PurpleFlea["wallet"]["withdraw"]>;
  };
  readonly trade: {
    open(order: OpenOrder): ReturnType<PurpleFlea["trade"]["open"]>;
    close(positionId: string): ReturnType<PurpleFlea["trade"]["close"]>;
    closeAll(): ReturnType<PurpleFlea["trade"]["closeAll"]>;
    positions(): ReturnType<PurpleFlea["trade"]["positions"]>;
  };
  readonly orders: {
    place(order: PlacedOrder): ReturnType<PurpleFlea["orders"]["place"]>;
    cancel(orderId: string): ReturnType<PurpleFlea["orders"]["cancel"]>;
    get(orderId: string): ReturnType<PurpleFlea["orders"]["get"]>;
    list(
      options?: Parameters<PurpleFlea["orders"]["list"]>[0],
    ): ReturnType<PurpleFlea["orders"]["list"]>;
  };
  readonly market: {
    prices(): ReturnType<PurpleFlea["market"]["prices"]>;
    candles(request: CandleRequest): ReturnType<PurpleFlea["market"]["candles"]>;
  };
  readonly idempotency: {
    /** False when the venue may have forgotten the key: what it does not know may still have happened. */
    isRemembered(): boolean;
    /** What became of this attempt's own write. */
    get(): ReturnType<PurpleFlea["idempotency"]["get"]>;
  };
  portfolio(): ReturnType<PurpleFlea["portfolio"]>;
  status(): ReturnType<PurpleFlea["status"]>;
}

/** @throws HF-KEY-REUSED, HF-WRITE-IN-READ, HF-KEY-EXPIRED */
export function bindPurpleFlea(raw: PurpleFlea, attempt: AttemptBinding): BoundPurpleFlea {
  let written = false;
  const read = (): { signal: AbortSignal } => ({ signal: attempt.signal });

  function isRemembered(): boolean {
    const { firstSentAt } = attempt;
    if (firstSentAt === undefined) return true;
    return attempt.now() < firstSentAt + raw.profile.keyTtlMs - KEY_MARGIN_MS;
  }

  function mark(what: string): WriteMark {
    if (attempt.effect === "none") {
      throw misuse(
        "HF-WRITE-IN-READ",
        `Cannot ${what} in an activity with effect "none": it may be repeated freely. Say effect: "money".`,
      );
    }
    if (written) {
      throw misuse(
        "HF-KEY-REUSED",
        `Cannot ${what} with the key of this attempt's first write: take a part, a.part("leg-2").use(purpleFlea).`,
      );
    }
    const { firstSentAt } = attempt;
    if (firstSentAt !== undefined && !isRemembered()) {
      throw new HoldfastError(
        "HF-KEY-EXPIRED",
        `Cannot ${what} again: its key was first sent ${new Date(firstSentAt).toISOString()} and the venue may have forgotten it.`,
        { class: "state", disposition: "terminal", outcome: "unknown" },
      );
    }
    written = true;
    return { key: attempt.key, ref: attempt.ref, signal: attempt.signal };
  }

  return {
    profile: raw.profile,
    faucet: {
      register: async (agent) => raw.faucet.register(agent, mark("register an agent")),
      claim: async () => raw.faucet.claim(mark("claim the faucet")),
    },
    wallet: {
      balance: () => raw.wallet.balance(read()),
      transactions: (options) => raw.wallet.transactions(options, read()),
      deposit: async (amount) => raw.wallet.deposit(amount, mark("deposit")),
      withdraw: async (amount) => raw.wallet.withdraw(amount, mark("withdraw")),
    },
    trade: {
      open: async (order) => raw.trade.open(order, mark("open a position")),
      close: async (positionId) => raw.trade.close(positionId, mark("close a position")),
      closeAll: async () => raw.trade.closeAll(mark("close all positions")),
      positions: () => raw.trade.positions(read()),
    },
    orders: {
      place: async (order) => raw.orders.place(order, mark("place an order")),
      cancel: async (orderId) => raw.orders.cancel(orderId, mark("cancel an order")),
      get: (orderId) => raw.orders.get(orderId, read()),
      list: (options) => raw.orders.list(options, read()),
    },
    market: {
      prices: () => raw.market.prices(read()),
      candles: (request) => raw.market.candles(request, read()),
    },
    idempotency: { isRemembered, get: () => raw.idempotency.get(attempt.key, read()) },
    portfolio: () => raw.portfolio(read()),
    status: () => raw.status(read()),
  };
}

function misuse(code: string, message: string): HoldfastError {
  return new HoldfastError(code, message, {
    class: "logic",
    disposition: "refused",
    outcome: "refused",
  });
}
