// Work for the processor: it runs in a thread, which imports this module anew.

import { activity } from "holdfast";
import { z } from "zod";

export const backtest = activity({
  name: "example.backtest",
  input: z.object({ prices: z.array(z.number()), window: z.number() }),
  output: z.object({ trades: z.number() }),
  effect: "none",
  isolate: "thread",
  module: import.meta.url,
  timeouts: { attempt: "10m" },
  run: ({ prices, window }) => {
    let trades = 0;
    for (let end = window; end < prices.length; end += 1) {
      const mean = prices.slice(end - window, end).reduce((sum, price) => sum + price) / window;
      if ((prices[end] ?? 0) < mean) trades += 1;
    }
    return { trades };
  },
});
