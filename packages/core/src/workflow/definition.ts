// A workflow: a durable, deterministic function `(ctx, input) => output`, with the messages it understands.

import { HoldfastError } from "../base/error.ts";
import { parseId } from "../base/id.ts";
import { type InputOf, type OutputOf, type Schema, refuseAsynchronous } from "../base/schema.ts";
import type { WorkflowContext } from "./context.ts";
import type { Schemas, UpdateSchemas } from "./message.ts";
import type { Priority, Workflow } from "./workflow.ts";

export interface WorkflowOptions<
  I extends Schema,
  O extends Schema,
  S extends Schemas,
  Q extends Schemas,
  U extends UpdateSchemas,
> {
  readonly name: string;
  readonly input: I;
  readonly output: O;
  /** Messages that change a run: `{ pause: z.object({ reason: z.string() }), resume: signal() }`. */
  readonly signals?: S;
  /** What can be read from a run: `{ progress: z.object({ done: z.number() }) }`. */
  readonly queries?: Q;
  /** Validated writes with an answer: `{ setAmount: { input: money(), output: z.boolean() } }`. */
  readonly updates?: U;
  /**
   * Whose attempts wait first while the process has more to do than it can: "low" at once, "normal" where that is not
   * enough, "high" never; money is never held up. It belongs to the workflow, because what a call is for decides how
   * much it matters, not what it does. Default "normal".
   */
  readonly priority?: Priority;
  readonly run: (ctx: WorkflowContext<S, Q, U>, input: OutputOf<I>) => Promise<InputOf<O>>;
}

/**
 * Defines a workflow. Its code may wait only through `ctx`, and must decide the same on every replay.
 *
 * @throws HF-ID-INVALID, HF-PRIORITY-INVALID, HF-SCHEMA-ASYNC
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
  U extends UpdateSchemas = Record<never, never>,
>(options: WorkflowOptions<I, O, S, Q, U>): Workflow<InputOf<I>, OutputOf<O>, S, Q, U> {
  const name = parseId(options.name, "workflow name");
  const signals = Object.freeze({ ...options.signals }) as unknown as S;
  const queries = Object.freeze({ ...options.queries }) as unknown as Q;
  const updates = Object.freeze({ ...options.updates }) as unknown as U;
  const { priority = "normal" } = options;
  if (!PRIORITIES.includes(priority)) throw invalidPriority(name, priority);
  refuseAsynchronous(options.input, `the input of workflow ${name}`);
  refuseAsynchronous(options.output, `the output of workflow ${name}`);
  for (const [message, schema] of [...Object.entries(signals), ...Object.entries(queries)]) {
    refuseAsynchronous(schema, `${message} of workflow ${name}`);
  }
  for (const [message, { input, output }] of Object.entries(updates)) {
    refuseAsynchronous(input, `the input of ${message} of workflow ${name}`);
    refuseAsynchronous(output, `the output of ${message} of workflow ${name}`);
  }
  return Object.freeze({
    kind: "workflow",
    name,
    input: options.input as unknown as Workflow<InputOf<I>>["input"],
    output: options.output as unknown as Workflow<unknown, OutputOf<O>>["output"],
    signals,
    queries,
    updates,
    priority,
    run: options.run,
  });
}

const PRIORITIES: readonly Priority[] = ["high", "normal", "low"];

function invalidPriority(name: string, priority: string): HoldfastError {
  return new HoldfastError(
    "HF-PRIORITY-INVALID",
    `Cannot define workflow "${name}": its priority is ${JSON.stringify(priority)}; write "high", "normal" or "low".`,
  );
}
