// The kinds of kills.

const POINTS = ["commit.before", "commit.after", "attempt.start", "attempt.answered"] as const;

/** Whose process is killed, and when: an engine at one of its moments or at any time, a venue, both. */
export const KINDS = [
  ...POINTS.map((point) => `engine at ${point}` as const),
  "engine at any time",
  "venue at any time",
  "venue after a commit",
  "both at any time",
] as const;

export type Kind = (typeof KINDS)[number];
