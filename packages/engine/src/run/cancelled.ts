// The error that ends the waits of a cancelled run.

import { HoldfastError } from "@holdfast/core";

/** The error that a cancelled wait throws. */
export function cancelled(id: string, reason: string): HoldfastError {
  return new HoldfastError("HF-CANCELLED", `Run "${id}" was cancelled: ${reason}`, {
    class: "state",
    disposition: "cancelled",
    outcome: "not-sent",
  });
}
