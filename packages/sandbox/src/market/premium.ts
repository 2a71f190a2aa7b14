// How far the market trades above or below the oracle, in millionths: drawn for each hour and straight between
// hours, so that its average over an hour and its moving average have closed forms.

import { NORMAL_MAX, type Stream, exp, normal } from "./noise.ts";
import type { Premium } from "./source.ts";

const HOUR_MS = 3_600_000;
const SLOW_DRAW = 50;
const FAST_DRAW = 51;
/** Deviation of a part that changes over eight hours, and of one that changes by the hour. */
const SLOW_DEVIATION = 400;
const FAST_DEVIATION = 60;
const HOURS_PER_SLOW = 8;
/** Time constant of the moving average in the mark price. */
const AVERAGE_MS = 150_000;

/** No premium is further from 0. */
export const PREMIUM_PPM_MAX: number = (SLOW_DEVIATION + FAST_DEVIATION) * NORMAL_MAX;

export function createPremium(stream: Stream): Premium {
  // Whoever walks through an hour asks for the same three numbers.
  let known = { hour: Number.NaN, before: 0, start: 0, end: 0 };

  function around(hour: number): typeof known {
    if (known.hour !== hour) {
      const [before, start, end] = [
        premiumAtHour(stream, hour - 1),
        premiumAtHour(stream, hour),
        premiumAtHour(stream, hour + 1),
      ];
      known = { hour, before, start, end };
    }
    return known;
  }

  return {
    at(instant) {
      const hour = Math.floor(instant / HOUR_MS);
      const { start, end } = around(hour);
      return start + (end - start) * ((instant - hour * HOUR_MS) / HOUR_MS);
    },
    hourly: (hour) => (premiumAtHour(stream, hour - 1) + premiumAtHour(stream, hour)) / 2,
    average(instant) {
      const hour = Math.floor(instant / HOUR_MS);
      const { before, start, end } = around(hour);
      const passed = instant - hour * HOUR_MS;
      const slope = (end - start) / HOUR_MS;
      const slopeBefore = (start - before) / HOUR_MS;
      // Behind a straight line it lags by slope × time constant; the lag of the hour before fades out within
      // the next one, and older hours weigh nothing (e^-24).
      const fading = (slope - slopeBefore) * AVERAGE_MS * fade(passed / AVERAGE_MS);
      return start + slope * passed - slope * AVERAGE_MS + fading;
    },
  };
}

/** e^-x by halving, since `exp` is for small x. */
function fade(x: number): number {
  const eighth = exp(-x / 32);
  const quarter = eighth * eighth * eighth * eighth;
  const half = quarter * quarter;
  return half * half * half * half;
}

function premiumAtHour(stream: Stream, hour: number): number {
  const slow = Math.floor(hour / HOURS_PER_SLOW);
  const share = (hour - slow * HOURS_PER_SLOW) / HOURS_PER_SLOW;
  const before = normal(stream, SLOW_DRAW, slow);
  const level = before + (normal(stream, SLOW_DRAW, slow + 1) - before) * share;
  return level * SLOW_DEVIATION + normal(stream, FAST_DRAW, hour) * FAST_DEVIATION;
}
