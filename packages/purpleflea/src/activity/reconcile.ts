// Asks the venue what became of a write by its key.

import type { ActivityContext, Reconciliation } from "@holdfast/core";
import type { z } from "zod";
import { purpleFlea } from "../resource.ts";

/**
 * `done` with the stored answer, `not-done` where the venue has never seen the key or has refused it. A venue
 * that cannot look keys up, or no longer remembers this one, proves nothing: that is for a person.
 */
export async function byKey<Schema extends z.ZodType, Output>(
  a: ActivityContext,
  schema: Schema,
  receipt: (body: z.output<Schema>) => Output,
): Promise<Reconciliation<Output>> {
  const { idempotency, profile } = a.use(purpleFlea);
  if (!profile.lookup) {
    return { kind: "unknown", reason: "the venue cannot look up a key", lasting: true };
  }
  const found = await idempotency.get();
  switch (found.state) {
    case "unknown":
      // Asked after the answer: the key may have been forgotten while the question was under way.
      // What is forgotten does not come back.
      return idempotency.isRemembered()
        ? { kind: "not-done" }
        : { kind: "unknown", reason: "the venue may have forgotten the key", lasting: true };
    case "in_flight":
      return { kind: "unknown", reason: "the venue is still at it" };
    case "done":
      return found.status < 400
        ? { kind: "done", output: receipt(schema.parse(found.body)) }
        : { kind: "not-done" };
  }
}
