// Money is integer micro-USDC (1 USDC = 1,000,000) in a branded bigint. Never a floating-point number:
// 0.1 + 0.2 must be 0.3. Decimal strings stand at the edges (HTTP, forms, configuration).

import type { Brand } from "./brand.ts";
import { HoldfastError } from "./error.ts";

/** An amount in micro-USDC. Make one with `usdc("25.00")`, show one with `formatUsdc`. */
export type Usdc = Brand<bigint, "Usdc">;

/** Micro-USDC in one USDC. */
export const MICROS_PER_USDC = 1_000_000n;

/** Largest magnitude accepted, in micro-USDC: fits SQLite's and Postgres' 64-bit integers. */
export const USDC_MAX = 9_223_372_036_854_775_807n;

const DECIMAL = /^(-?)(\d{1,13})(?:\.(\d{1,6}))?$/u;

/**
 * Parses a decimal string ("25", "-0.000001"; at most 13 digits before and 6 after the point) or takes an
 * amount as it is, so that parsing twice changes nothing. Numbers are refused: they have rounded already.
 *
 * @throws HF-MONEY-INVALID
 * @example
 * usdc("25.00") === 25_000_000n; // true
 */
export function usdc(value: string | Usdc): Usdc {
  if (typeof value === "bigint") return checked(value);
  const match = typeof value === "string" ? DECIMAL.exec(value) : null;
  if (!match) {
    throw new HoldfastError(
      "HF-MONEY-INVALID",
      `Cannot read ${JSON.stringify(value) ?? typeof value} as an amount: expected a decimal string with at most 6 decimals, such as "25.00".`,
      { class: "data", disposition: "refused", outcome: "not-sent" },
    );
  }
  const [, sign, whole = "0", fraction = ""] = match;
  const micros = BigInt(whole) * MICROS_PER_USDC + BigInt(fraction.padEnd(6, "0"));
  return checked(sign === "-" ? -micros : micros);
}

/** Takes an integer number of micro-USDC, as read from a store. */
export function micros(value: bigint | number): Usdc {
  return checked(typeof value === "number" ? BigInt(value) : value);
}

function checked(value: bigint): Usdc {
  if (value > USDC_MAX || value < -USDC_MAX) {
    throw new HoldfastError("HF-MONEY-INVALID", "Cannot hold this amount: it exceeds 64 bits.", {
      class: "data",
      disposition: "refused",
      outcome: "not-sent",
    });
  }
  return value as Usdc;
}

/**
 * The shortest exact decimal with at least two places: `usdc(formatUsdc(x)) === x` for every amount.
 *
 * @example
 * formatUsdc(usdc("25")); // "25.00"
 */
export function formatUsdc(amount: Usdc): string {
  const magnitude = amount < 0n ? -amount : amount;
  const whole = magnitude / MICROS_PER_USDC;
  const fraction = (magnitude % MICROS_PER_USDC)
    .toString()
    .padStart(6, "0")
    .replace(/0{1,4}$/u, "");
  return `${amount < 0n ? "-" : ""}${whole}.${fraction}`;
}
