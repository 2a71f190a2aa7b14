// What a run under chaos does where nothing else is asked for, and its limits. Read by the command line's help, too:
// no imports.

export const CHAOS_DEFAULTS = {
  id: "chaos",
  /** Real seconds for which things go wrong. */
  seconds: 60,
  /** Share of the calls that fail. */
  failureRate: 0.3,
  /** What every answer takes longer. */
  latency: "500ms",
  /** Another seed lets other calls fail. */
  seed: "chaos",
  suite: "agent",
} as const;

/** What can be let loose, by the name that the command line takes: the venue's own suites. */
export const CHAOS_SUITES = { agent: "chaos:agent", seed4: "chaos:seed4" } as const;
export type ChaosSuite = keyof typeof CHAOS_SUITES;

/** Longest chaos, in real seconds. */
export const CHAOS_SECONDS_MAX = 3_600;
/** Longest latency, in milliseconds: with more, nothing is answered within anybody's time-out. */
export const CHAOS_LATENCY_MS_MAX = 60_000;
/** A run that completes is started again, so often at most. */
export const CHAOS_RUNS_MAX = 1_000;
/**
 * For how long, at most, calls that are open at the end may come to an end, in milliseconds of real time: longer than a
 * breaker cools.
 */
export const CHAOS_SETTLE_MS = 90_000;
/** With crashes: the chance of one at each commit and around each call, and for how long the engine is away. */
export const CHAOS_KILL_CHANCE = 0.03;
export const CHAOS_AWAY_MS = 400;
