// Money and quantities on the wire. Requests take JSON numbers or decimal strings and refuse what would have
// to be rounded; answers carry exact amounts as integer micro-USDC in strings.

import { type Usdc, micros, usdc } from "@holdfast/core";
import { z } from "zod";

/** Decimals of an amount of USDC. */
export const AMOUNT_DECIMALS = 6;
/** Decimals of a quantity of an asset. */
export const QUANTITY_DECIMALS = 8;
/** Largest quantity in a request, in 1e-8 of the asset: a billion units. */
export const QUANTITY_MAX = 100_000_000_000_000_000n;

/**
 * A positive amount in a request: 25, "25.00", 0.000001; at most 13 digits before and 6 after the point.
 *
 * @example
 * RequestAmount.parse("25.00") === 25_000_000n; // true
 */
export const RequestAmount: z.ZodType<Usdc, number | string> = z
  .union([z.string(), z.number()])
  .transform((value, context) => {
    try {
      const amount = usdc(typeof value === "number" ? decimal(value) : value);
      if (amount > 0n) return amount;
    } catch {
      // Said below, in one way for all of them.
    }
    const message = `expected a positive amount with at most ${AMOUNT_DECIMALS} decimals`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

const QUANTITY = /^(\d{1,12})(?:\.(\d{1,8}))?$/u;

/** A positive quantity of an asset in a request, in 1e-8 of it; at most 8 decimals and a billion units. */
export const RequestQuantity: z.ZodType<bigint, number | string> = z
  .union([z.string(), z.number()])
  .transform((value, context) => {
    const match = QUANTITY.exec(typeof value === "number" ? decimal(value) : value);
    const digits = `${match?.[1] ?? ""}${(match?.[2] ?? "").padEnd(QUANTITY_DECIMALS, "0")}`;
    const quantity = match === null ? 0n : BigInt(digits);
    if (quantity > 0n && quantity <= QUANTITY_MAX) return quantity;
    const message = `expected a positive quantity with at most ${QUANTITY_DECIMALS} decimals`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

/** Every digit of a JSON number, without an exponent: 1e-7 is "0.0000001". */
function decimal(value: number): string {
  const text = String(value);
  if (!text.includes("e")) return text;
  return value.toFixed(20).replace(/0+$/u, "").replace(/\.$/u, "");
}

/** An exact amount in an answer: integer micro-USDC in a string, "-1500000" for -1.50 USDC. */
export const Micros: z.ZodType<Usdc, string> = z
  .string()
  .regex(/^-?\d{1,19}$/u)
  .transform((text, context) => {
    try {
      return micros(BigInt(text));
    } catch {
      context.addIssue({ code: "custom", message: "expected an amount that fits 64 bits" });
      return z.NEVER;
    }
  });

/** An amount as the published guides read it: rounded by JSON, not for arithmetic. */
export const GuideNumber: z.ZodOptional<z.ZodNumber> = z.number().optional();

/** How an answer writes an exact amount. */
export function toMicros(amount: Usdc): string {
  return amount.toString();
}

/** How an answer writes an amount for the callers of the guides. */
export function toGuideNumber(amount: Usdc): number {
  return Number(amount) / 1_000_000;
}
