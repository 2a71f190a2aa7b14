// The generated market of one pair, from a seed. Each pair has a stream of its own.

import { streamOf, uniform } from "./noise.ts";
import type { Pair } from "./pair.ts";
import { createPath } from "./path.ts";
import { createPremium } from "./premium.ts";
import type { Regime } from "./regime.ts";
import type { Source } from "./source.ts";

const MINUTE_MS = 60_000;
const VOLUME_DRAW = 60;

/** Value traded in a minute on average, in USD. */
const VOLUME_USD: Readonly<Record<Regime, number>> = {
  calm: 200_000,
  normal: 500_000,
  chop: 800_000,
  storm: 2_500_000,
};

export function generatedSource(seed: string, pair: Pair): Source {
  const stream = streamOf(seed, pair.symbol);
  const path = createPath(stream, pair);
  const toMicros = (price: number): number => Math.max(1, Math.round(price * 1_000_000));
  return {
    kind: "generated",
    late: 0,
    oracle: (at) => toMicros(path.price(at)),
    range(from, to) {
      const { low, high } = path.range(from, to);
      return { low: Math.floor(low * 1_000_000), high: Math.ceil(high * 1_000_000) + 1 };
    },
    regime: (at) => path.regime(at),
    volume(from, to) {
      let units = 0;
      for (let minute = Math.ceil(from / MINUTE_MS); minute * MINUTE_MS < to; minute += 1) {
        const share = uniform(stream, VOLUME_DRAW, minute) * 2;
        units += (VOLUME_USD[path.regime(minute * MINUTE_MS)] * share) / pair.base;
      }
      return units;
    },
    premium: createPremium(stream),
  };
}
