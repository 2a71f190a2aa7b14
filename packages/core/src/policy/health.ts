// What a failure says of the venue that was asked.

import type { Failure } from "../base/error.ts";

/**
 * `ill`: it could not be reached, did not answer in time, failed, or answered what nobody can read. `well`: it
 * answered, if only to refuse, or to ask for patience. `silent`: the failure is of our own side.
 */
export type Health = "ill" | "well" | "silent";

export function healthOf(failure: Pick<Failure, "class" | "disposition">): Health {
  switch (failure.class) {
    case "network":
    case "data":
      return failure.disposition === "retry" ? "ill" : "silent";
    case "api":
      return failure.disposition === "retry" ? "ill" : "well";
    case "logic":
    case "state":
    case "resource":
      return "silent";
  }
}
