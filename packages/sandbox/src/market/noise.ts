// Numbers that look random and depend only on (seed, level, index): the market can be asked about any instant
// without computing those before it. Only IEEE additions and multiplications are used, so that every machine
// and every version of the runtime agrees to the last bit.

/** 32 well-mixed bits of three integers. */
function mix(seed: number, level: number, index: number): number {
  let h = seed ^ Math.imul(level + 1, 0x9e3779b1);
  h = Math.imul(h ^ (index | 0), 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h ^ Math.floor(index / 4_294_967_296), 0xc2b2ae35);
  h ^= h >>> 16;
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Nearly normal with mean 0 and variance 1: the sum of four uniform numbers, scaled. */
export function normal(seed: number, level: number, index: number): number {
  let sum = 0;
  for (let part = 0; part < 4; part += 1) sum += mix(seed + part * 0x1b873593, level, index) / 4_294_967_296;
  return (sum - 2) * 1.7320508075688772;
}

/** e^x for small x, by multiplication alone. */
export function exp(x: number): number {
  let power = 1 + x / 4_096;
  for (let doubling = 0; doubling < 12; doubling += 1) power *= power;
  return power;
}
