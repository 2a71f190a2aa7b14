// What a stretch of 512 minutes is like: it scales the path's finer movements, the spread and the depth.

import { type Stream, uniform } from "./noise.ts";

export type Regime = "calm" | "normal" | "chop" | "storm";

/** A stretch holds 2^15 of the path's finest points. */
export const REGIME_LEVEL = 15;

const REGIME_DRAW = 40;

export function regimeAtPoint(stream: Stream, point: number): Regime {
  const draw = uniform(stream, REGIME_DRAW, Math.floor(point / 2 ** REGIME_LEVEL));
  if (draw < 0.4) return "calm";
  if (draw < 0.75) return "normal";
  return draw < 0.92 ? "chop" : "storm";
}
