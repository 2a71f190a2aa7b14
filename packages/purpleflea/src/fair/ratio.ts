// Exact fractions, for chances and for what a game returns: no rounding before a person reads it.

/** A fraction with a positive denominator. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** A fraction in lowest terms. @throws RangeError where the denominator is not positive */
export function ratio(numerator: bigint, denominator: bigint): Ratio {
  if (denominator <= 0n) throw new RangeError("A fraction needs a positive denominator.");
  const shared = divisor(numerator < 0n ? -numerator : numerator, denominator);
  return { numerator: numerator / shared, denominator: denominator / shared };
}

export function times(a: Ratio, b: Ratio): Ratio {
  return ratio(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** The nearest number. */
export function toNumber({ numerator, denominator }: Ratio): number {
  // 2^60 steps for each unit: finer than a number is from 2^-7 on.
  const scaled = (numerator * 2n ** 60n) / denominator;
  return Number(scaled) / 2 ** 60;
}

/** As a decimal, rounded to the nearest of so many digits: "0.9572". */
export function toDecimal({ numerator, denominator }: Ratio, digits: number): string {
  const size = numerator < 0n ? -numerator : numerator;
  const scaled = (2n * size * 10n ** BigInt(digits) + denominator) / (2n * denominator);
  const text = scaled.toString().padStart(digits + 1, "0");
  const sign = numerator < 0n && scaled > 0n ? "-" : "";
  const whole = text.slice(0, text.length - digits);
  return digits === 0 ? sign + whole : `${sign}${whole}.${text.slice(-digits)}`;
}

function divisor(a: bigint, b: bigint): bigint {
  let [one, other] = [a, b];
  while (other !== 0n) [one, other] = [other, one % other];
  return one === 0n ? 1n : one;
}
