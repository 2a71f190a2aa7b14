// A process that plays the seeds it is given, one after the other, and tells what became of each.

import process from "node:process";
import { play } from "./play.ts";

/** Seeds to play, from the first. */
export interface Order {
  readonly from: number;
  readonly count: number;
}

async function playAll({ from, count }: Order): Promise<void> {
  for (let seed = from; seed < from + count; seed += 1) process.send?.(await play(seed));
}

process.on("message", (order: Order) => {
  void playAll(order);
});
// Whoever has started it is gone.
process.on("disconnect", () => {
  process.exit();
});
