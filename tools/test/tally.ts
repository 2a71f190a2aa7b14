// The count of a test run: what the reporter writes to a file, and what `npm test` prints from it.

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Each skipped test with its reason: a proof that did not run must not look like one that did. */
  readonly skips: readonly { readonly test: string; readonly reason: string }[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, skips: [] };

/** A runner that fails without a failed test (it crashed, or was killed) still counts as a failure. */
export function withExit(tally: Tally, exitCode: number): Tally {
  return exitCode !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

/** The lines that end a test run; the last one is read by others and stays plain. */
export function formatTally({ passed, failed, skipped, skips }: Tally): string {
  const lines = skips.map(({ test, reason }) => `SKIPPED: ${test} (${reason})`);
  return [...lines, `${passed} passed, ${failed} failed, ${skipped} skipped`].join("\n");
}
