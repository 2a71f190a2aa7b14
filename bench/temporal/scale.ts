// How large each workload is on a Temporal server, which does some fifty steps a second: shares of the sizes of
// `bench:peers`, so that a call takes minutes.

import type { WorkloadId } from "../peers/peer.ts";

export interface Scale {
  readonly title: string;
  /** Of the full size, on a server with our settings. */
  readonly share: number;
  /** The same on one with its defaults; absent: not measured there. */
  readonly bare?: number;
}

/** Longer than it takes to start all of W4, so that they sleep at once. */
export const SLEEP_MS = 15_000;

export const SCALES: Readonly<Record<WorkloadId, Scale>> = {
  W1: { title: "one run of 500 sequential steps", share: 0.5, bare: 0.1 },
  W2: { title: "200 runs of 5 steps, 100 at once", share: 0.1, bare: 0.05 },
  W3: { title: "a run of one step alone, start to result, 99 times", share: 0.33, bare: 0.1 },
  W4: { title: "400 runs asleep for 15 s, all of them cached", share: 0.04 },
  W5: { title: "a group of 500 steps at once and a join", share: 0.5, bare: 0.25 },
  W6: {
    title: "kill -9 with 200 runs of 3 steps in flight, restart to the last step done",
    share: 0.2,
  },
};
