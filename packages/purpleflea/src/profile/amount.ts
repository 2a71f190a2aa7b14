// Amounts in a venue's JSON numbers, as the micro-USDC that the client's schemas read.

import { QUANTITY_DECIMALS, fromNumber, toMicros } from "../wire/index.ts";

const QUANTITY_SCALE = 10n ** BigInt(QUANTITY_DECIMALS);

/** @throws HF-MONEY-INVALID where it is no number of USD */
export function microsOf(digits: unknown): string {
  return toMicros(fromNumber(typeof digits === "number" ? digits : String(digits)));
}

/** How much of the asset a value buys at a price, as a decimal, rounded down; "0" without a price. */
export function quantityOf(sizeMicros: string, priceMicros: string): string {
  const price = BigInt(priceMicros);
  const units = price <= 0n ? 0n : (BigInt(sizeMicros) * QUANTITY_SCALE) / price;
  const fraction = (units % QUANTITY_SCALE).toString().padStart(QUANTITY_DECIMALS, "0");
  return `${units / QUANTITY_SCALE}.${fraction}`;
}

/** What a quantity is worth at a price, rounded down. */
export function valueOf(quantity: string, priceMicros: string): string {
  const [whole = "0", fraction = ""] = quantity.split(".");
  const units = BigInt(`${whole}${fraction.padEnd(QUANTITY_DECIMALS, "0")}`);
  return ((units * BigInt(priceMicros)) / QUANTITY_SCALE).toString();
}

/** An amount as the callers of the guides read it. */
export function numberOf(amountMicros: string): number {
  return Number(amountMicros) / 1_000_000;
}
