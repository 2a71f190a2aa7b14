// A CPU profile of one piece of work in this process, for a browser's developer tools.

import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

/** Microseconds between samples: a step takes some hundreds. */
const SAMPLE_US = 200;

/** Does the work; writes its profile when a file is named, over one that is there. */
export async function withProfile<Value>(
  file: string | undefined,
  work: () => Promise<Value>,
): Promise<Value> {
  if (file === undefined) return work();
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_US });
    await session.post("Profiler.start");
    const value = await work();
    const { profile } = await session.post("Profiler.stop");
    writeFileSync(file, JSON.stringify(profile));
    return value;
  } finally {
    session.disconnect();
  }
}
