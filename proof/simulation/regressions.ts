// Seeds that have failed, and what they found. A seed names a scenario for as long as scenarios are made as they
// are: what each found has a test of its own beside the code that was mended.

export interface Regression {
  readonly seed: number;
  readonly found: string;
}

export const REGRESSIONS: readonly Regression[] = [];
