// The messages a workflow understands, by name: signals change a run, queries read it, updates do both and
// are answered.

import { type Schema, nothing } from "../base/schema.ts";

export type Schemas = Readonly<Record<string, Schema>>;

/** What an update takes and what it answers. */
export interface UpdateSchema<I extends Schema = Schema, O extends Schema = Schema> {
  readonly input: I;
  readonly output: O;
}

export type UpdateSchemas = Readonly<Record<string, UpdateSchema>>;

/** The schema of a signal that carries nothing. */
export function signal(): Schema<void, void> {
  return nothing;
}
