// What names cost: a price per year by ending, times a factor for short names.

import { type Usdc, micros } from "@holdfast/core";
import type { Name } from "./name.ts";

export interface DomainTerms {
  /** Price of a year by ending, in micro-USDC; every ending that is sold. */
  readonly endings: Readonly<Record<string, Usdc>>;
}

/** .com 18, .io 54, .ai 102 and .xyz 14.40 USDC a year. */
export const DEFAULT_DOMAIN_TERMS: DomainTerms = {
  endings: {
    com: micros(18_000_000n),
    io: micros(54_000_000n),
    ai: micros(102_000_000n),
    xyz: micros(14_400_000n),
  },
};

/** By length of the label: longer ones cost the price of their ending. */
const SHORT_FACTORS: readonly bigint[] = [1n, 50n, 20n, 5n, 2n];

/** What a name costs for so many years: 50, 20, 5 or 2 times its ending's price with 1, 2, 3 or 4 characters. */
export function priceOf({ label, ending }: Name, years: number, { endings }: DomainTerms): Usdc {
  const factor = SHORT_FACTORS[label.length] ?? 1n;
  return micros((endings[ending] ?? 0n) * factor * BigInt(years));
}
