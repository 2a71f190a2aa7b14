// The messages a workflow understands, by name.

import { type Schema, nothing } from "../base/schema.ts";

export type Schemas = Readonly<Record<string, Schema>>;

/** The schema of a signal that carries nothing. */
export function signal(): Schema<void, void> {
  return nothing;
}
