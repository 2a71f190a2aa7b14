// A workflow as its callers see it: its name, what goes in and out, and the messages it understands.

import type { Schema } from "../base/schema.ts";
import type { Schemas, UpdateSchemas } from "./message.ts";

/** What goes on when a process has more to do than it can: "high" to the last, "low" waits first. */
export type Priority = "high" | "normal" | "low";

export interface Workflow<
  Input = unknown,
  Output = unknown,
  S extends Schemas = Schemas,
  Q extends Schemas = Schemas,
  U extends UpdateSchemas = UpdateSchemas,
> {
  readonly kind: "workflow";
  readonly name: string;
  readonly input: Schema<Input, unknown>;
  readonly output: Schema<unknown, Output>;
  readonly signals: S;
  readonly queries: Q;
  readonly updates: U;
  readonly priority: Priority;
  readonly run: (ctx: never, input: never) => Promise<unknown>;
}
