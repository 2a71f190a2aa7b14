// The typed client over the Engine port: what users hold in their hands. Schemas are applied here, once,
// before anything is sent; names and payloads that do not fit do not compile.

import { decode, encode } from "../base/codec.ts";
import { type Duration, durationMs } from "../base/duration.ts";
import { type Failure, HoldfastError, fromFailure } from "../base/error.ts";
import { parseId } from "../base/id.ts";
import { PAYLOAD_BYTES_MAX } from "../base/limit.ts";
import { type InputOf, type OutputOf, parseWith } from "../base/schema.ts";
import type { Engine, RunDescription } from "../port/engine.ts";
import type { Workflow } from "../workflow/definition.ts";
import type { Schemas } from "../workflow/message.ts";

export interface StartOptions {
  /** The workflow id, unique among open runs. */
  readonly id: string;
  /** The agent the run acts for. Default: the client's. */
  readonly account?: string;
  readonly onOpen?: "attach" | "fail" | "replace";
  readonly onClosed?: "fail" | "attach" | "restart-failed" | "restart";
  readonly effects?: "continue" | "again";
  readonly delay?: Duration;
  /** The request's own id; made here when absent. */
  readonly requestId?: string;
}

export interface Run<Output, S extends Schemas, Q extends Schemas> {
  readonly id: string;
  signal<Name extends keyof S & string>(
    name: Name,
    ...payload: undefined extends InputOf<S[Name]>
      ? [payload?: InputOf<S[Name]>, options?: MessageOptions]
      : [payload: InputOf<S[Name]>, options?: MessageOptions]
  ): Promise<void>;
  query<Name extends keyof Q & string>(name: Name): Promise<OutputOf<Q[Name]>>;
  /** Waits for the outcome of the chain; throws its failure. */
  result(options?: { readonly timeout?: Duration }): Promise<Output>;
  cancel(options?: { readonly reason?: string }): Promise<void>;
  describe(): Promise<RunDescription>;
}

export interface MessageOptions {
  readonly requestId?: string;
}

export interface Client {
  /** Starts a run, or attaches to the open one with this id. */
  start<Input, Output, S extends Schemas, Q extends Schemas>(
    workflow: Workflow<Input, Output, S, Q>,
    input: NoInfer<Input>,
    options: StartOptions,
  ): Promise<Run<Output, S, Q>>;
  /** The handle of a run that exists. */
  run<Input, Output, S extends Schemas, Q extends Schemas>(
    workflow: Workflow<Input, Output, S, Q>,
    id: string,
  ): Run<Output, S, Q>;
}

export interface ClientOptions {
  readonly engine: Engine;
  /** Makes request ids: unique, never reused. */
  readonly newId: () => string;
  /** Account of runs that name none. Default "default". */
  readonly account?: string;
}

/** Encodes a payload and refuses what is larger than 2 MiB. */
export function encodePayload(value: unknown, what: string): string {
  const text = encode(value);
  // A UTF-16 unit takes at most three bytes, so short text needs no counting.
  if (text.length * 3 > PAYLOAD_BYTES_MAX && text.length > PAYLOAD_BYTES_MAX / 3) {
    let bytes = 0;
    for (const character of text) {
      const point = character.codePointAt(0) ?? 0;
      bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    }
    if (bytes > PAYLOAD_BYTES_MAX) {
      throw new HoldfastError(
        "HF-PAYLOAD-TOO-LARGE",
        `Cannot accept ${what}: it has ${bytes} bytes encoded, at most ${PAYLOAD_BYTES_MAX} are allowed. Store it elsewhere and pass a reference.`,
        { class: "data", disposition: "refused", outcome: "not-sent" },
      );
    }
  }
  return text;
}

/**
 * A typed client over an engine.
 *
 * @example
 * const run = await createClient({ engine, newId }).start(dca, plan, { id: "dca-btc" });
 * await run.signal("pause", { reason: "holiday" });
 */
export function createClient(options: ClientOptions): Client {
  const { engine, newId, account = "default" } = options;

  function handle<Input, Output, S extends Schemas, Q extends Schemas>(
    workflow: Workflow<Input, Output, S, Q>,
    id: string,
  ): Run<Output, S, Q> {
    return {
      id,
      async signal(name, ...rest) {
        const [payload, message] = rest as [unknown, MessageOptions | undefined];
        const schema = messageSchema(workflow.signals, name, `signal of workflow ${workflow.name}`);
        const parsed = parseWith(schema, payload, `signal ${name}`);
        await engine.apply([
          {
            kind: "signal",
            id,
            signal: name,
            payload: encodePayload(parsed, `signal ${name}`),
            requestId: message?.requestId ?? newId(),
          },
        ]);
      },
      async query(name) {
        const schema = messageSchema(workflow.queries, name, `query of workflow ${workflow.name}`);
        const answer = decode(await engine.query({ id, query: name }));
        return parseWith(schema, answer, `the answer of query ${name}`) as never;
      },
      async result(wait = {}) {
        const result = await engine.result({
          id,
          timeoutMs: wait.timeout === undefined ? undefined : durationMs(wait.timeout),
        });
        if (result.kind === "failed") throw runFailed(id, result.failure);
        return decode(result.output) as Output;
      },
      async cancel(request = {}) {
        const reason = request.reason ?? "cancelled by the client";
        await engine.apply([{ kind: "cancel", id, reason, requestId: newId() }]);
      },
      describe: () => engine.describe(id),
    };
  }

  return {
    async start(workflow, input, start) {
      const id = parseId(start.id, "workflow id");
      const parsed = parseWith(workflow.input, input, `the input of workflow ${workflow.name}`);
      await engine.apply([
        {
          kind: "start",
          workflow: workflow.name,
          input: encodePayload(parsed, `the input of workflow ${workflow.name}`),
          id,
          account: start.account ?? account,
          requestId: start.requestId ?? newId(),
          onOpen: start.onOpen,
          onClosed: start.onClosed,
          effects: start.effects,
          delayMs: start.delay === undefined ? undefined : durationMs(start.delay),
        },
      ]);
      return handle(workflow, id);
    },
    run: (workflow, id) => handle(workflow, parseId(id, "workflow id")),
  };
}

function messageSchema(schemas: Schemas, name: string, what: string): Schemas[string] {
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (schema === undefined) {
    const known = Object.keys(schemas);
    throw new HoldfastError(
      "HF-MESSAGE-UNKNOWN",
      `Cannot find "${name}" as a ${what}: ${known.length === 0 ? "it declares none" : `it declares ${known.join(", ")}`}.`,
      { class: "data", disposition: "refused", outcome: "not-sent" },
    );
  }
  return schema;
}

function runFailed(id: string, failure: Failure): HoldfastError {
  const error = fromFailure(failure);
  return new HoldfastError(error.code, `Run "${id}" failed: ${failure.message}`, {
    class: failure.class,
    disposition: failure.disposition,
    outcome: failure.outcome,
    details: failure.details,
    cause: failure,
  });
}
