// Seeds that have failed, and what they found. A seed names a scenario for as long as scenarios are made as they
// are: what each found has a test of its own beside the code that was mended.

export interface Regression {
  readonly seed: number;
  readonly found: string;
}

export const REGRESSIONS: readonly Regression[] = [
  {
    seed: 104,
    found: "updates that came twice in one turn failed the commit of all, as often as they came",
  },
  { seed: 116, found: "the same, and starts of the same turn were never answered" },
  {
    seed: 181,
    found: "a call that ran alone counted as in flight for ever once its commit had failed",
  },
  { seed: 140, found: "a closed run that was asked a question stayed in memory for a minute" },
  {
    seed: 31519,
    found: "a call that ran alone while the disk failed counted as in flight after its answer",
  },
  {
    seed: 50315,
    found:
      "a run that was replaced in the turn in which it continued as new left a second open run",
  },
  { seed: 54871, found: "a venue that died when all was over was asked while it was down" },
  {
    seed: 30465,
    found: "venue and journal both put back: the rule took what was decided anew for another body",
  },
];
