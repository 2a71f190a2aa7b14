// How bad it is: three levels, each reached at once and left only when it has been clearly better for a while, so that
// what hovers about a limit does not switch all the time. Pure.

/** 0: all is well. 1: no run begins. 2: calls wait by priority. 3: the process is to be begun anew. */
export type Level = 0 | 1 | 2 | 3;

/** Where each level begins, in the unit of what is measured; undefined where it has none. */
export interface Thresholds {
  readonly hold: number | undefined;
  readonly shed: number | undefined;
  readonly stop: number | undefined;
  /** True where less is worse, such as free space. */
  readonly falls: boolean;
}

export interface Standing {
  readonly level: Level;
  /** When the episode began: the level is above 0 since then. */
  readonly since: number;
  /** The highest level of the episode. */
  readonly worst: Level;
  /** When the level was reached. */
  readonly levelSince: number;
  /** Since when it would be a lower one; undefined while it would not. */
  readonly easedSince: number | undefined;
}

export const AT_REST: Standing = {
  level: 0,
  since: 0,
  worst: 0,
  levelSince: 0,
  easedSince: undefined,
};

/** By how much a value must be better than a threshold before its level is left, as a share of it. */
export const MARGIN = 0.1;
/** For how long it must be so, in milliseconds. */
export const CALM_MS = 5_000;

/** What a value, measured at an instant, makes of what was so far. */
export function judge(
  before: Standing,
  value: number,
  thresholds: Thresholds,
  at: number,
): Standing {
  const reached = levelAt(value, thresholds, 0);
  if (reached > before.level) return rise(before, reached, at);
  const kept = levelAt(value, thresholds, MARGIN);
  if (kept >= before.level) return { ...before, easedSince: undefined };
  const easedSince = before.easedSince ?? at;
  if (at - easedSince < CALM_MS) return { ...before, easedSince };
  return kept === 0 ? AT_REST : { ...before, level: kept, levelSince: at, easedSince: undefined };
}

function rise(before: Standing, level: Level, at: number): Standing {
  return {
    level,
    since: before.level === 0 ? at : before.since,
    worst: level > before.worst ? level : before.worst,
    levelSince: at,
    easedSince: undefined,
  };
}

function levelAt(value: number, thresholds: Thresholds, margin: number): Level {
  const { hold, shed, stop, falls } = thresholds;
  const isOver = (threshold: number | undefined): boolean => {
    if (threshold === undefined) return false;
    return falls ? value <= threshold * (1 + margin) : value >= threshold * (1 - margin);
  };
  if (isOver(stop)) return 3;
  if (isOver(shed)) return 2;
  return isOver(hold) ? 1 : 0;
}
