// What a verification does where nothing else is asked for. Read by the command line's help, too: no imports.

export const VERIFY_DEFAULTS = {
  id: "verify",
  /** Another seed gives other prices. */
  seed: "verify",
  /** Virtual time for which a run is watched that does not end. */
  for: "730d",
  /** Virtual time for which a crashed engine is away: a key made of the minute must not survive it. */
  away: "90s",
  /** Mishaps tried at most. */
  max: 500,
  /** Real time that all of it may take. */
  maxSeconds: 120,
} as const;
