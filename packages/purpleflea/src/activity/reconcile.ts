// Asks the venue what became of a write by its key.

import type { ActivityContext, Reconciliation } from "@holdfast/core";
import type { z } from "zod";
import { purpleFlea } from "../resource.ts";

/** `done` with the stored answer, `not-done` where the venue has never seen the key or has refused it. */
export async function byKey<Schema extends z.ZodType, Output>(
  a: ActivityContext,
  schema: Schema,
  receipt: (body: z.output<Schema>) => Output,
): Promise<Reconciliation<Output>> {
  const found = await a.use(purpleFlea).idempotency.get();
  switch (found.state) {
    case "unknown":
      return { kind: "not-done" };
    case "in_flight":
      return { kind: "unknown", reason: "the venue is still at it" };
    case "done":
      return found.status < 400
        ? { kind: "done", output: receipt(schema.parse(found.body)) }
        : { kind: "not-done" };
  }
}
