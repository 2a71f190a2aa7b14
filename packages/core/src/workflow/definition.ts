// A workflow: a durable, deterministic function `(ctx, input) => output`, with the messages it understands.

import { parseId } from "../base/id.ts";
import { type InputOf, type OutputOf, type Schema, refuseAsynchronous } from "../base/schema.ts";
import type { WorkflowContext } from "./context.ts";
import type { Schemas } from "./message.ts";

export interface WorkflowOptions<
  I extends Schema,
  O extends Schema,
  S extends Schemas,
  Q extends Schemas,
> {
  readonly name: string;
  readonly input: I;
  readonly output: O;
  /** Messages that change a run: `{ pause: z.object({ reason: z.string() }), resume: signal() }`. */
  readonly signals?: S;
  /** What can be read from a run: `{ progress: z.object({ done: z.number() }) }`. */
  readonly queries?: Q;
  readonly run: (ctx: WorkflowContext<S, Q>, input: OutputOf<I>) => Promise<InputOf<O>>;
}

/** A workflow as its callers see it. */
export interface Workflow<
  Input = unknown,
  Output = unknown,
  S extends Schemas = Schemas,
  Q extends Schemas = Schemas,
> {
  readonly kind: "workflow";
  readonly name: string;
  readonly input: Schema<Input, unknown>;
  readonly output: Schema<unknown, Output>;
  readonly signals: S;
  readonly queries: Q;
  readonly run: (ctx: never, input: never) => Promise<unknown>;
}

/**
 * Defines a workflow. Its code may wait only through `ctx`, and must decide the same on every replay.
 *
 * @throws HF-ID-INVALID, HF-SCHEMA-ASYNC
 * @example
 * const hello = workflow({
 *   name: "example.hello", input: z.string(), output: z.string(),
 *   run: async (ctx, name) => ctx.call(greet, name),
 * });
 */
export function workflow<
  I extends Schema,
  O extends Schema,
  S extends Schemas = Record<never, never>,
  Q extends Schemas = Record<never, never>,
>(options: WorkflowOptions<I, O, S, Q>): Workflow<InputOf<I>, OutputOf<O>, S, Q> {
  const name = parseId(options.name, "workflow name");
  const signals = Object.freeze({ ...options.signals }) as unknown as S;
  const queries = Object.freeze({ ...options.queries }) as unknown as Q;
  refuseAsynchronous(options.input, `the input of workflow ${name}`);
  refuseAsynchronous(options.output, `the output of workflow ${name}`);
  for (const [message, schema] of [...Object.entries(signals), ...Object.entries(queries)]) {
    refuseAsynchronous(schema, `${message} of workflow ${name}`);
  }
  return Object.freeze({
    kind: "workflow",
    name,
    input: options.input as unknown as Schema<InputOf<I>, unknown>,
    output: options.output as unknown as Schema<unknown, OutputOf<O>>,
    signals,
    queries,
    run: options.run,
  });
}
