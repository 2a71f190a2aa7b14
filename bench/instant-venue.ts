// A venue that fills every order at once, in this process: what a test of an agent gives the engine when the
// venue is not what is tested. It knows no balance and no market; everything but opening is refused.

import { type PurpleFlea, paperProfile } from "@holdfast/purpleflea";

type Opened = Awaited<ReturnType<PurpleFlea["trade"]["open"]>>;

/** The price of everything, in millionths of a dollar. */
const PRICE = 50_000_000_000n;
const MICROS = 1_000_000;

const refuse = async (): Promise<never> => {
  throw new Error("The instant venue only opens positions.");
};

/** A raw client whose orders are filled in the turn they are sent. */
export function instantVenue(): PurpleFlea {
  let orders = 0;
  return {
    profile: paperProfile,
    faucet: { register: refuse, claim: refuse },
    wallet: { balance: refuse, transactions: refuse, deposit: refuse, withdraw: refuse },
    trade: {
      open: async ({ symbol, side, sizeUsd, leverage = 1 }) => {
        orders += 1;
        return {
          position_id: `pos_${orders}`,
          order_id: `order_${orders}`,
          symbol,
          side,
          entry_price_micros: PRICE as Opened["entry_price_micros"],
          entry_price: Number(PRICE) / MICROS,
          size_micros: sizeUsd,
          quantity: "0.0005",
          margin_micros: sizeUsd,
          fee_micros: 0n as Opened["fee_micros"],
          leverage,
          liquidation_price: 0,
        };
      },
      close: refuse,
      closeAll: refuse,
      positions: refuse,
    },
    orders: { place: refuse, cancel: refuse, get: refuse, list: refuse },
    market: { prices: refuse, candles: refuse },
    idempotency: { get: refuse },
    portfolio: refuse,
    status: refuse,
  };
}
