// How much an installation may weigh, besides Node: bytes of files, which do not vary with a disk. A larger one
// fails the smoke test.

import { type InstalledPackage, totalBytes } from "./install.ts";

const MB = 1_000_000;

export interface Budget {
  readonly name: string;
  /** The package that a user installs. */
  readonly package: string;
  readonly bytesMax: number;
}

export const BUDGETS: readonly Budget[] = [
  { name: "DEFAULT_INSTALL", package: "holdfast", bytesMax: 30 * MB },
  { name: "ENGINE_INSTALL", package: "@holdfast/engine", bytesMax: 12 * MB },
];

/** What is wrong with an installation; undefined where it keeps to its budget. */
export function overBudget(
  budget: Budget,
  installed: readonly InstalledPackage[],
): string | undefined {
  const total = totalBytes(installed);
  if (total <= budget.bytesMax) return undefined;
  const largest = installed.slice(0, 5).map(({ name, bytes }) => `${name} ${inMb(bytes)}`);
  return `Installing "${budget.package}" takes ${inMb(total)}, more than ${budget.name} allows (${inMb(budget.bytesMax)}). The largest: ${largest.join(", ")}`;
}

/** For people. */
export function inMb(bytes: number): string {
  return `${(bytes / MB).toFixed(2)} MB`;
}
