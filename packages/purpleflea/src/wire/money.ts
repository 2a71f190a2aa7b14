// Money on the wire. Requests take JSON numbers or decimal strings with at most six decimals; answers carry
// exact amounts as integer micro-USDC in strings, in fields that end in `_micros`. The other numeric fields
// of an answer are what the published guides read: convenient, rounded by JSON, not for arithmetic.

import { type Usdc, micros, usdc } from "@holdfast/core";
import { z } from "zod";

/** A positive amount in a request. */
export const RequestAmount: z.ZodType<Usdc, number | string> = z
  .union([z.string(), z.number()])
  .transform((value, context) => {
    try {
      const amount = usdc(typeof value === "number" ? decimal(value) : value);
      if (amount > 0n) return amount;
    } catch {
      // Said below, in one way for all of them.
    }
    context.addIssue({ code: "custom", message: "expected a positive amount with at most 6 decimals" });
    return z.NEVER;
  });

/** Every digit of a JSON number, without an exponent. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20).replace(/0+$/u, "").replace(/\.$/u, "") : text;
}

/** An exact amount in an answer. */
export const Micros: z.ZodType<Usdc, string> = z
  .string()
  .regex(/^-?\d{1,19}$/u)
  .transform((text) => micros(BigInt(text)));

/** How an answer writes an exact amount. */
export function toMicros(amount: Usdc): string {
  return amount.toString();
}
