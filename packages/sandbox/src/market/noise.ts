// Numbers that look random and depend only on (stream, level, index): the market can be asked about any instant
// without computing those before it. Only IEEE additions and multiplications are used, so that every machine
// and every version of the runtime agrees to the last bit.

import { createHash } from "node:crypto";

/** Four seeds of 32 bits. */
export type Stream = readonly [number, number, number, number];

/** Each name has a stream of its own, so that adding a pair never changes another. */
export function streamOf(seed: string, name: string): Stream {
  const hash = createHash("sha256")
    .update(JSON.stringify([seed, name]))
    .digest();
  return [hash.readInt32LE(0), hash.readInt32LE(4), hash.readInt32LE(8), hash.readInt32LE(12)];
}

/** 32 well-mixed bits of three integers. */
function mix(seed: number, level: number, index: number): number {
  let bits = seed ^ Math.imul(level + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (index | 0), 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits ^ Math.floor(index / 4_294_967_296), 0xc2b2ae35);
  bits ^= bits >>> 16;
  bits = Math.imul(bits, 0x7feb352d);
  bits ^= bits >>> 15;
  bits = Math.imul(bits, 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Uniform in [0, 1). */
export function uniform(stream: Stream, level: number, index: number): number {
  return mix(stream[0], level, index) / 4_294_967_296;
}

/** √3 scales the sum of four uniform numbers, of variance 1/3, to variance 1. */
const SQRT_3 = 1.7320508075688772;

/** No draw of `normal` is further from 0. */
export const NORMAL_MAX = 3.4642;

/** Nearly normal with mean 0 and variance 1, and never beyond ±3.47. */
export function normal(stream: Stream, level: number, index: number): number {
  let sum = 0;
  for (const seed of stream) sum += mix(seed, level, index) / 4_294_967_296;
  return (sum - 2) * SQRT_3;
}

/** e^x for small x, by multiplication alone. */
export function exp(x: number): number {
  let power = 1 + x / 4_096;
  for (let doubling = 0; doubling < 12; doubling += 1) power *= power;
  return power;
}
