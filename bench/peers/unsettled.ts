// How many of some promises do not resolve soon: for peers that tell of an end only by a promise.

import { setTimeout as after } from "node:timers/promises";

const SOON_MS = 5_000;

/** Of 0 to count - 1, how many have not resolved within five seconds. */
export async function unsettled(
  count: number,
  result: (n: number) => Promise<unknown>,
): Promise<number> {
  let open = count;
  const results = Array.from({ length: count }, async (_, n) => {
    await result(n);
    open -= 1;
  });
  await Promise.race([Promise.allSettled(results), after(SOON_MS)]);
  return open;
}
