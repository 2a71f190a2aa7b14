// A venue that fills every order at once, in this process: what a test of an agent gives the engine when the
// venue is not what is tested. It knows no balance, and no price of anything; all but opening is refused.

import { type Usdc, usdc } from "@holdfast/core";
import { type Calls, type PurpleFlea, createPurpleFlea } from "@holdfast/purpleflea";

/** The price of everything, in millionths of a dollar. */
const PRICE = 50_000_000_000n;
const MICROS = 1_000_000;

const refuse = async (): Promise<never> => {
  throw new Error("The instant venue opens positions, and tells no prices.");
};

/** A raw client whose orders are filled in the turn they are sent. */
export function instantVenue(): PurpleFlea {
  const client = createPurpleFlea({ baseUrl: "http://127.0.0.1:1", fetch: refuse });
  let orders = 0;
  const write: Calls["write"] = async ({ operation, body }) => {
    if (operation !== "open") return refuse();
    orders += 1;
    const size = usdc(String(body["size"]));
    return {
      position_id: `pos_${orders}`,
      order_id: `order_${orders}`,
      symbol: body["symbol"],
      side: body["side"],
      entry_price_micros: PRICE as Usdc,
      entry_price: Number(PRICE) / MICROS,
      size_micros: size,
      quantity: "0.0005",
      margin_micros: size,
      fee_micros: 0n as Usdc,
      leverage: 1,
      liquidation_price: 0,
    } as never;
  };
  const read: Calls["read"] = async ({ operation }) =>
    operation === "prices" ? ({ pairs: [] } as never) : refuse();
  return { ...client, calls: { ...client.calls, read, write } };
}
