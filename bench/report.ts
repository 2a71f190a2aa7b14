// What the benchmarks tell: a line or two for people for each figure, and an array for machines.

import { readable, rounded, span, withUnit } from "./statistics.ts";
import type { Measured } from "./measure.ts";

const ID_WIDTH = 34;

/** A figure for people: the median, its span, the floor beside it, and what it should reach. */
export function describeFigure(measured: Measured): string {
  const { figure, value, values, floor, floors } = measured;
  const share = `${readable(value / floor)} of floor`;
  const own = `${withUnit(value, figure.unit)} (${span(values)})`;
  const beside = `floor ${withUnit(floor, figure.unit)} (${span(floors)})`;
  const target = describeTarget(measured);
  return `${figure.id.padEnd(ID_WIDTH)}${own}; ${beside}; ${share}${target}`;
}

function describeTarget({ figure, value, floor }: Measured): string {
  const { target } = figure;
  if (target === undefined) return "";
  const [what, met] =
    target.kind === "value"
      ? [`below ${withUnit(target.below, figure.unit)}`, value < target.below]
      : [`at least ${target.atLeast.toFixed(2)} of floor`, value / floor >= target.atLeast];
  return `; target ${what}: ${met ? "met" : "missed"}`;
}

/** A figure for machines. */
export interface Reported {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly floor: number;
  readonly floorUnit: string;
}

/** The figure without its spans: medians only. */
export function reported({ figure, value, floor }: Measured): Reported {
  const { id, unit, better } = figure;
  return { id, value: rounded(value), unit, better, floor: rounded(floor), floorUnit: unit };
}

/** Shows what is being measured, on a terminal only; an empty text clears the line. */
export function progressOn(stream: NodeJS.WriteStream): (what: string) => void {
  if (!stream.isTTY) return () => undefined;
  return (what) => {
    stream.write(`\r\u001B[K${what}`);
  };
}
