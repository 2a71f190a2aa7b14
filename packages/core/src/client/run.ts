// The handle of one run: messages to it, its answers, its outcome. Schemas are applied here, once.

import { decode } from "../base/codec.ts";
import { type Duration, durationMs } from "../base/duration.ts";
import { type Failure, HoldfastError, fromFailure } from "../base/error.ts";
import { encodePayload } from "../base/payload.ts";
import { type InputOf, type OutputOf, parseWith } from "../base/schema.ts";
import type { Engine, Operation, RunDescription } from "../port/engine.ts";
import type { Schemas, UpdateSchemas } from "../workflow/message.ts";
import type { Workflow } from "../workflow/workflow.ts";

export interface UpdateOptions extends MessageOptions {
  /** How long the answer is waited for. The update goes on after it. Default: without end. */
  readonly timeout?: Duration;
}

export interface Run<
  Output,
  S extends Schemas,
  Q extends Schemas,
  U extends UpdateSchemas = UpdateSchemas,
> {
  readonly id: string;
  signal<Name extends keyof S & string>(
    name: Name,
    ...payload: undefined extends InputOf<S[Name]>
      ? [payload?: InputOf<S[Name]>, options?: MessageOptions]
      : [payload: InputOf<S[Name]>, options?: MessageOptions]
  ): Promise<void>;
  query<Name extends keyof Q & string>(name: Name): Promise<OutputOf<Q[Name]>>;
  /** Sends a validated write and waits for its answer; throws what refused it or what it threw. */
  update<Name extends keyof U & string>(
    name: Name,
    input: InputOf<U[Name]["input"]>,
    options?: UpdateOptions,
  ): Promise<OutputOf<U[Name]["output"]>>;
  /** Waits for the outcome of the chain; throws its failure. */
  result(options?: { readonly timeout?: Duration }): Promise<Output>;
  cancel(options?: { readonly reason?: string }): Promise<void>;
  describe(): Promise<RunDescription>;
}

export interface MessageOptions {
  readonly requestId?: string;
}

export type UpdateOperation = Operation & { readonly kind: "update" };

type Messages = Pick<Workflow, "name" | "signals" | "queries" | "updates">;

export function createRun<Output, S extends Schemas, Q extends Schemas, U extends UpdateSchemas>(
  { engine, newId }: { readonly engine: Engine; readonly newId: () => string },
  // oxlint-disable-next-line typescript/no-explicit-any -- the input varies the other way round
  workflow: Workflow<any, Output, S, Q, U>,
  id: string,
): Run<Output, S, Q, U> {
  const optionalMs = (duration: Duration | undefined): number | undefined =>
    duration === undefined ? undefined : durationMs(duration);
  return {
    id,
    async signal(name, ...rest) {
      const [payload, message] = rest as [unknown, MessageOptions | undefined];
      await engine.apply([signalOf(workflow, id, name, payload, message?.requestId ?? newId())]);
    },
    async query(name) {
      const schema = declared(workflow.queries, name, `query of workflow ${workflow.name}`);
      const answer = decode(await engine.query({ id, query: name }));
      return parseWith(schema, answer, `the answer of query ${name}`) as never;
    },
    async update(name, input, update = {}) {
      const operation = updateOf(workflow, id, name, input, update.requestId ?? newId());
      await engine.apply([operation]);
      return (await answerOf(engine, operation, optionalMs(update.timeout))) as never;
    },
    async result(wait = {}) {
      const result = await engine.result({ id, timeoutMs: optionalMs(wait.timeout) });
      if (result.kind === "failed") throw failed(`Run "${id}"`, result.failure);
      return decode(result.output) as Output;
    },
    async cancel(request = {}) {
      const reason = request.reason ?? "cancelled by the client";
      await engine.apply([{ kind: "cancel", id, reason, requestId: newId() }]);
    },
    describe: () => engine.describe(id),
  };
}

export function signalOf(
  workflow: Messages,
  id: string,
  name: string,
  payload: unknown,
  requestId: string,
): Operation {
  const schema = declared(workflow.signals, name, `signal of workflow ${workflow.name}`);
  const parsed = parseWith(schema, payload, `signal ${name}`);
  const encoded = encodePayload(parsed, `signal ${name}`);
  return { kind: "signal", id, signal: name, payload: encoded, requestId };
}

export function updateOf(
  workflow: Messages,
  id: string,
  name: string,
  input: unknown,
  requestId: string,
): UpdateOperation {
  const schemas = declared(workflow.updates, name, `update of workflow ${workflow.name}`);
  const parsed = parseWith(schemas.input, input, `update ${name}`);
  const encoded = encodePayload(parsed, `update ${name}`);
  return { kind: "update", id, update: name, input: encoded, requestId };
}

/** Waits for the answer of an accepted update. */
export async function answerOf(
  engine: Engine,
  { id, update, requestId }: UpdateOperation,
  timeoutMs: number | undefined,
): Promise<unknown> {
  const result = await engine.updated({ id, requestId, timeoutMs });
  if (result.kind === "failed") throw failed(`Update "${update}" of run "${id}"`, result.failure);
  return decode(result.output);
}

function declared<Declared>(
  known: Readonly<Record<string, Declared>>,
  name: string,
  what: string,
): Declared {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(known);
  throw new HoldfastError(
    "HF-MESSAGE-UNKNOWN",
    `Cannot find "${name}" as a ${what}: ${names.length === 0 ? "it declares none" : `it declares ${names.join(", ")}`}.`,
    { class: "data", disposition: "refused", outcome: "not-sent" },
  );
}

function failed(what: string, failure: Failure): HoldfastError {
  const error = fromFailure(failure);
  return new HoldfastError(error.code, `${what} failed: ${failure.message}`, {
    class: failure.class,
    disposition: failure.disposition,
    outcome: failure.outcome,
    details: failure.details,
    cause: failure,
  });
}
