// Named race windows. A test arms one to stop or kill the process there; otherwise they do nothing.

/** The moments at which a crash is interesting. */
export type CrashPoint = "commit.before" | "commit.after" | "attempt.start" | "attempt.answered";

/** Told at each point what it is about: the refs of the calls concerned, joined by commas. */
export type CrashPoints = (point: CrashPoint, about: string) => void;

export const noPoints: CrashPoints = () => undefined;
