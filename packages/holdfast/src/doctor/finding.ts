// One thing that was looked at: fine, worth a look, or in the way of running; the last two say what to do.

export interface Finding {
  readonly about: string;
  readonly level: "fine" | "warn" | "problem";
  readonly says: string;
  readonly advice?: string;
}

export function fine(about: string, says: string): Finding {
  return { about, level: "fine", says };
}

export function warn(about: string, says: string, advice: string): Finding {
  return { about, level: "warn", says, advice };
}

export function problem(about: string, says: string, advice: string): Finding {
  return { about, level: "problem", says, advice };
}
