// The guides spell the same field in several ways. A path takes the others' spellings for its own where its
// own is absent, so that a caller may mix them; two that differ are refused.

import type { RawBody } from "./body.ts";
import { ProblemError } from "./problem.ts";

/** From a path's own spelling to the others that it takes for it. */
export type Aliases = Readonly<Record<string, readonly string[]>>;

/** The body in a path's own spelling. @throws ProblemError 422 where two spellings differ */
export function normalise(body: RawBody, aliases: Aliases): RawBody {
  const normal: Record<string, unknown> = { ...body };
  for (const [own, others] of Object.entries(aliases)) {
    for (const other of others) {
      const value = body[other];
      if (value === undefined) continue;
      if (normal[own] !== undefined && normal[own] !== value) {
        throw new ProblemError("invalid_request", `${own} and ${other} say different things.`);
      }
      normal[own] = value;
    }
  }
  return withSide(normal);
}

const SIDES: ReadonlyMap<unknown, string> = new Map([
  ["buy", "long"],
  ["sell", "short"],
]);

/** Spot traders' words for the two sides. */
function withSide(body: Record<string, unknown>): RawBody {
  for (const name of ["side", "direction"]) {
    const side = SIDES.get(body[name]);
    if (side !== undefined) body[name] = side;
  }
  return body;
}
