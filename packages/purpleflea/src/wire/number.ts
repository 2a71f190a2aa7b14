// Exact amounts from JSON numbers, for venues that know no others: read from the digits that were sent, and not
// from the binary fraction that stands for them.

import { HoldfastError, type Usdc, micros } from "@holdfast/core";
import { AMOUNT_DECIMALS } from "./money.ts";

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/u;
/** Largest power of ten that is read: nothing of it fits an amount. */
const POWER_MAX = 400;

interface Digits {
  readonly sign: string;
  readonly whole: string;
  readonly fraction: string;
}

/**
 * Every digit of a JSON number, without an exponent: 1e-7 is "0.0000001".
 *
 * @throws HF-MONEY-INVALID where it is no number, or not finite
 */
export function decimalOf(value: number | string): string {
  const { sign, whole, fraction } = digitsOf(value);
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/**
 * The amount in a JSON number of USD, to the nearest micro-USDC, a half away from zero: what a venue reckons in
 * binary fractions (12.299999999999999) is what it means (12.30).
 *
 * @param value the digits as they were sent, or the number
 * @throws HF-MONEY-INVALID where it is no number, not finite, or does not fit 64 bits
 * @example
 * fromNumber(0.1 + 0.2) === 300_000n; // true
 */
export function fromNumber(value: number | string): Usdc {
  const { sign, whole, fraction } = digitsOf(value);
  const kept = fraction.slice(0, AMOUNT_DECIMALS).padEnd(AMOUNT_DECIMALS, "0");
  const up = fraction.charAt(AMOUNT_DECIMALS) >= "5" ? 1n : 0n;
  const magnitude = BigInt(`${whole}${kept}`) + up;
  return micros(sign === "-" ? -magnitude : magnitude);
}

function digitsOf(value: number | string): Digits {
  const match = NUMBER.exec(String(value));
  const power = Number(match?.[4] ?? 0);
  if (match === null || Math.abs(power) > POWER_MAX) throw notFinite(value);
  const [, sign = "", before = "", after = ""] = match;
  // The point moves: zeros stand where digits are missing.
  const left = before.padStart(before.length + Math.max(0, -power), "0");
  const right = after.padEnd(Math.max(0, power), "0");
  const all = `${left}${right}`;
  const point = left.length + power;
  const whole = all.slice(0, point).replace(/^0+(?=\d)/u, "");
  return { sign, whole: whole === "" ? "0" : whole, fraction: all.slice(point) };
}

function notFinite(value: number | string): HoldfastError {
  return new HoldfastError(
    "HF-MONEY-INVALID",
    `Cannot read ${String(value).slice(0, 60)} as an amount: expected a number of USD.`,
    { class: "data", disposition: "refused", outcome: "not-sent" },
  );
}
