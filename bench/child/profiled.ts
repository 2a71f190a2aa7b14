// In a child: does the work that is measured, and writes its profile where the environment asks for one. The
// profiler is loaded only then, because a start-up is measured too.

import type * as Profile from "../profile.ts";

export async function profiled<Value>(work: () => Promise<Value>): Promise<Value> {
  const file = process.env["HOLDFAST_BENCH_PROFILE"];
  if (file === undefined) return work();
  const { withProfile }: typeof Profile = await import("../profile.ts");
  return withProfile(file, work);
}
