// The schema of money in inputs and outputs: a decimal string or an amount, never a number.

import { type Usdc, usdc } from "@holdfast/core";
import { z } from "zod";

/**
 * Accepts a decimal string with at most six decimals, or an amount; parsing twice changes nothing.
 *
 * @example
 * money().parse("25.00") === 25_000_000n; // true; money().parse(25) is refused
 */
export function money(): z.ZodType<Usdc, string | Usdc> {
  return z
    .custom<string | Usdc>((value) => isMoney(value), {
      message: 'expected money as a decimal string with at most 6 decimals, such as "25.00"',
    })
    .transform((value) => usdc(value));
}

function isMoney(value: unknown): boolean {
  if (typeof value !== "string" && typeof value !== "bigint") return false;
  try {
    usdc(value as string);
    return true;
  } catch {
    return false;
  }
}
