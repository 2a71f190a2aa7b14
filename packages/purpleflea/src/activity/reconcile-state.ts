// Finds out what became of an action on something that only ever ends once: where the venue cannot look its key
// up, the state tells.

import type { ActivityContext, Reconciliation } from "@holdfast/core";
import type { z } from "zod";
import { purpleFlea } from "../resource.ts";
import { byKey } from "./reconcile.ts";

/** What the state of a thing says about an action on it. */
export interface StateQuestion<Schema extends z.ZodType, Output> {
  readonly schema: Schema;
  readonly receipt: (body: z.output<Schema>) => Output;
  readonly read: () => Promise<z.output<Schema>>;
  /** Whether it stands where the action brings it: then the action is done, whoever did it. */
  readonly isDone: (body: z.output<Schema>) => boolean;
}

/**
 * As `byKey`. Where the venue cannot look the key up, or may have forgotten it, the state is read instead: `done`
 * where the action has had its effect, else `not-done`. Only for actions that may be sent again without harm.
 */
export async function byKeyOrState<Schema extends z.ZodType, Output>(
  a: ActivityContext,
  { schema, receipt, read, isDone }: StateQuestion<Schema, Output>,
): Promise<Reconciliation<Output>> {
  const { idempotency, profile } = a.use(purpleFlea);
  const known = await byKey(a, schema, receipt);
  if (known.kind !== "unknown") return known;
  // Still at it: its state now is not the one that will be.
  if (profile.lookup && idempotency.isRemembered()) return known;
  const state = await read();
  return isDone(state) ? { kind: "done", output: receipt(state) } : { kind: "not-done" };
}
