// Looks through time for the first whole second at which something happens, without looking at every second:
// stretches in which it cannot happen are left out whole. The answer does not depend on who asks when.

/** Nothing happens by itself at other instants than whole seconds. */
export const SECOND_MS = 1_000;

export interface Wanted {
  /** False only where it certainly does not happen from one instant to another, both included. */
  mayHappen(from: number, to: number): boolean;
  happens(at: number): boolean;
}

/** The first whole second after `from` and not after `to`, in milliseconds; undefined where there is none. */
export function firstSecond(from: number, to: number, wanted: Wanted): number | undefined {
  const search = (first: number, last: number): number | undefined => {
    if (first > last || !wanted.mayHappen(first * SECOND_MS, last * SECOND_MS)) return undefined;
    if (first === last) return wanted.happens(first * SECOND_MS) ? first * SECOND_MS : undefined;
    const middle = Math.floor((first + last) / 2);
    return search(first, middle) ?? search(middle + 1, last);
  };
  return search(Math.floor(from / SECOND_MS) + 1, Math.floor(to / SECOND_MS));
}
