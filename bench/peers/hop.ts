// The cost of a hop: a question to a server, asked again and again by one who waits for each answer.

import { timed } from "../workload.ts";

const WARM_UP = 50;
const SAMPLES = 300;

/** Milliseconds of each call of a long row, after some that are not counted. */
export async function sampled(call: (n: number) => Promise<unknown>): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let n = 0; n < WARM_UP + SAMPLES; n += 1) {
    const ms = await timed(() => call(n));
    if (n >= WARM_UP) samples.push(ms);
  }
  return samples;
}

/** As long as a step's input. */
export const ROW = "x".repeat(60);
