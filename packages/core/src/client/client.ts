// The typed client over the Engine port: what users hold in their hands. Schemas are applied here, once,
// before anything is sent; names and payloads that do not fit do not compile.

import { type Duration, durationMs } from "../base/duration.ts";
import { type Failure, toFailure } from "../base/error.ts";
import { parseId } from "../base/id.ts";
import { encodePayload } from "../base/payload.ts";
import { type InputOf, type OutputOf, parseWith } from "../base/schema.ts";
import type { Engine, Operation } from "../port/engine.ts";
import type { Schemas, UpdateSchemas } from "../workflow/message.ts";
import { type Memo, type Tags, checkTags } from "../workflow/note.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { type MessageOptions, type Run, answerOf, createRun, signalOf, updateOf } from "./run.ts";

export interface StartOptions {
  /** The workflow id, unique among open runs. */
  readonly id: string;
  /** The agent the run acts for. Default: the client's. */
  readonly account?: string;
  readonly onOpen?: "attach" | "fail" | "replace";
  readonly onClosed?: "fail" | "attach" | "restart-failed" | "restart";
  readonly effects?: "continue" | "again";
  readonly delay?: Duration;
  /** What the run is found by. */
  readonly tags?: Tags;
  /** What is shown with the run. */
  readonly memo?: Memo;
  /** The request's own id; made here when absent. */
  readonly requestId?: string;
}

export interface Client {
  /** Starts a run, or attaches to the open one with this id. */
  start<Input, Output, S extends Schemas, Q extends Schemas, U extends UpdateSchemas>(
    workflow: Workflow<Input, Output, S, Q, U>,
    input: NoInfer<Input>,
    options: StartOptions,
  ): Promise<Run<Output, S, Q, U>>;
  /** Starts a run, or attaches to the open one, and signals to it, in one commit. */
  signalWithStart<
    Input,
    Output,
    S extends Schemas,
    Q extends Schemas,
    U extends UpdateSchemas,
    Name extends keyof S & string,
  >(
    workflow: Workflow<Input, Output, S, Q, U>,
    input: NoInfer<Input>,
    options: StartOptions & {
      readonly signal: Name;
      readonly payload: NoInfer<InputOf<S[Name]>>;
    },
  ): Promise<Run<Output, S, Q, U>>;
  /**
   * Starts a run, or attaches to the open one, and updates it, in one commit; waits for the answer. A run
   * that refuses the update has been started all the same.
   */
  updateWithStart<
    Input,
    Output,
    S extends Schemas,
    Q extends Schemas,
    U extends UpdateSchemas,
    Name extends keyof U & string,
  >(
    workflow: Workflow<Input, Output, S, Q, U>,
    input: NoInfer<Input>,
    options: StartOptions & {
      readonly update: Name;
      readonly with: NoInfer<InputOf<U[Name]["input"]>>;
      readonly timeout?: Duration;
    },
  ): Promise<OutputOf<U[Name]["output"]>>;
  /** The handle of a run that exists. */
  run<Input, Output, S extends Schemas, Q extends Schemas, U extends UpdateSchemas>(
    workflow: Workflow<Input, Output, S, Q, U>,
    id: string,
  ): Run<Output, S, Q, U>;
  /**
   * Completes a call whose activity returned `a.completeLater()`; resolves when that is on disk. The output is
   * parsed by the activity's schema, and one that it refuses leaves the call as it was.
   *
   * @throws HF-TOKEN-UNKNOWN where no call that is open has this token: it has ended, or was completed before;
   *   HF-INPUT-INVALID; HF-RUN-STUCK
   * @example
   * await client.complete(token, { approved: true }, { requestId: delivery.id });
   */
  complete(token: string, output: unknown, options?: MessageOptions): Promise<void>;
  /**
   * Says that the work outside has failed. What happens next is decided as for a failed attempt: a refusal
   * fails the call, what may be retried is, with the same token.
   *
   * @throws HF-TOKEN-UNKNOWN, also for a call in doubt, whose failure is a person's to decide; HF-RUN-STUCK
   * @example
   * await client.completeWithFailure(token, Declined.create("The treasurer said no.", {}));
   */
  completeWithFailure(
    token: string,
    failure: Failure | Error,
    options?: MessageOptions,
  ): Promise<void>;
  /**
   * Says that a call is still worked on outside: it answers the activity's heartbeat time-out. `details` reach
   * the next attempt as `a.lastHeartbeat`.
   *
   * @throws HF-TOKEN-UNKNOWN when the work is no longer wanted: stop it; HF-RUN-STUCK
   * @example
   * await client.heartbeat(token, { page: 7 });
   */
  heartbeat(token: string, details?: unknown): Promise<void>;
}

export interface ClientOptions {
  readonly engine: Engine;
  /** Makes request ids: unique, never reused. */
  readonly newId: () => string;
  /** Account of runs that name none. Default "default". */
  readonly account?: string;
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
  const optionalMs = (duration: Duration | undefined): number | undefined =>
    duration === undefined ? undefined : durationMs(duration);

  const startOf = (
    workflow: Pick<Workflow, "name" | "input">,
    input: unknown,
    start: StartOptions,
  ): Operation => {
    const what = `the input of workflow ${workflow.name}`;
    return {
      kind: "start",
      workflow: workflow.name,
      input: encodePayload(parseWith(workflow.input, input, what), what),
      id: parseId(start.id, "workflow id"),
      account: start.account ?? account,
      requestId: start.requestId ?? newId(),
      onOpen: start.onOpen,
      onClosed: start.onClosed,
      effects: start.effects,
      delayMs: optionalMs(start.delay),
      tags: start.tags === undefined ? undefined : checkTags(start.tags),
      memo: start.memo === undefined ? undefined : encodePayload(start.memo, "a memo"),
    };
  };
  const messages = { engine, newId };
  const handle = <Output, S extends Schemas, Q extends Schemas, U extends UpdateSchemas>(
    // oxlint-disable-next-line typescript/no-explicit-any -- the input varies the other way round
    workflow: Workflow<any, Output, S, Q, U>,
    id: string,
  ): Run<Output, S, Q, U> => createRun(messages, workflow, id);

  return {
    async start(workflow, input, start) {
      await engine.apply([startOf(workflow, input, start)]);
      return handle(workflow, start.id);
    },
    async signalWithStart(workflow, input, start) {
      const signal = signalOf(workflow, start.id, start.signal, start.payload, newId());
      await engine.apply([startOf(workflow, input, start), signal]);
      return handle(workflow, start.id);
    },
    async updateWithStart(workflow, input, start) {
      const { id, update, timeout } = start;
      const operation = updateOf(workflow, id, update, start.with, newId());
      await engine.apply([startOf(workflow, input, start), operation]);
      return (await answerOf(engine, operation, optionalMs(timeout))) as never;
    },
    run: (workflow, id) => handle(workflow, parseId(id, "workflow id")),
    async complete(token, output, { requestId = newId() } = {}) {
      const outcome = {
        kind: "done",
        output: encodePayload(output, "the output of a call"),
      } as const;
      await engine.apply([{ kind: "complete", token, outcome, requestId }]);
    },
    async completeWithFailure(token, failure, { requestId = newId() } = {}) {
      const outcome = { kind: "failed", failure: toFailure(failure) } as const;
      await engine.apply([{ kind: "complete", token, outcome, requestId }]);
    },
    async heartbeat(token, details) {
      const encoded = details === undefined ? undefined : encodePayload(details, "a heartbeat");
      await engine.apply([{ kind: "heartbeat", token, details: encoded }]);
    },
  };
}
