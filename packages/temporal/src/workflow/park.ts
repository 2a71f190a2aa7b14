// A bug of the code: not the run fails but its task, which the server tries again until other code is deployed.
// The problem stands whole in the task's failure, where whoever looks at the run finds it.

import type { Failure } from "@holdfast/core";
import { toTemporal } from "./failure.ts";

/** A failure that the SDK does not take for the run's own. */
export class ParkedError extends Error {
  override readonly name = "HoldfastParked";
}

export function park(problem: Failure): ParkedError {
  return new ParkedError(`${problem.code} ${problem.message}`, { cause: toTemporal(problem) });
}
