// What the benchmarks tell: a line or two for people for each figure, and an array for machines.

import { readable, rounded, span, withUnit } from "./statistics.ts";
import type { Measured } from "./measure.ts";
import type { Target } from "./workload.ts";

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

function describeTarget(measured: Measured): string {
  const { target, better, unit } = measured.figure;
  if (target === undefined) return "";
  const limit = better === "higher" ? "at least" : "at most";
  const aim = target.of === "value" ? withUnit(target.aim, unit) : `${target.aim} of floor`;
  return `; target ${limit} ${aim}: ${reached(measured) ?? ""}`;
}

/** How far the figure came; undefined where it has no target. */
function reached({ figure, value, floor }: Measured): Reported["reached"] {
  const { target, better } = figure;
  if (target === undefined) return undefined;
  const found = target.of === "value" ? value : value / floor;
  const holds = (limit: number): boolean => (better === "higher" ? found >= limit : found <= limit);
  if (target.stretch !== undefined && holds(target.stretch)) return "stretch met";
  return holds(target.aim) ? "met" : "missed";
}

/** A figure for machines. */
export interface Reported {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly floor: number;
  readonly floorUnit: string;
  /** Value divided by floor. */
  readonly ratio: number;
  readonly target: Target | undefined;
  readonly reached: "stretch met" | "met" | "missed" | undefined;
}

/** The figure without its spans: medians only. */
export function reported(measured: Measured): Reported {
  const { figure, value, floor } = measured;
  const { id, unit, better, target } = figure;
  return {
    id,
    value: rounded(value),
    unit,
    better,
    floor: rounded(floor),
    floorUnit: unit,
    ratio: rounded(value / floor),
    target,
    reached: reached(measured),
  };
}

/** Shows what is being measured, on a terminal only; an empty text clears the line. */
export function progressOn(stream: NodeJS.WriteStream): (what: string) => void {
  if (!stream.isTTY) return () => undefined;
  return (what) => {
    stream.write(`\r\u001B[K${what}`);
  };
}
