// Other runs, as a workflow sees them: children that it starts and waits for, and messages to any run.

import {
  type ChildOptions,
  type ChildRun,
  type Command,
  type OtherRun,
  type SentMessage,
  type Workflow,
  checkTags,
  encodePayload,
  parseId,
} from "@holdfast/core";
import type { CancelScope } from "./cancel-scope.ts";
import { cancelled } from "./cancelled.ts";
import type { Machine } from "./machine.ts";
import { waiter } from "./promise.ts";

export class Children {
  readonly #machine: Machine;
  readonly #scope: CancelScope;

  constructor(machine: Machine, scope: CancelScope) {
    this.#machine = machine;
    this.#scope = scope;
  }

  async run(workflow: Workflow, input: unknown, options: ChildOptions = {}): Promise<unknown> {
    const child = await this.start(workflow, input, options);
    return child.result();
  }

  start(
    workflow: Workflow,
    input: unknown,
    options: ChildOptions = {},
  ): Promise<ChildRun<unknown>> {
    const machine = this.#machine;
    const scope = this.#scope;
    machine.enter("startChild");
    const reason = scope.cancelled;
    if (reason !== undefined) return Promise.reject(cancelled(machine.identity.id, reason));
    const command = childCommand(machine, workflow, input, options);
    machine.hasActed = true;
    machine.command(command);
    machine.waiting.openChildren.set(command.child, command);
    const begun = waiter<string>();
    const ended = waiter();
    machine.waiting.children.set(command.child, {
      scope,
      command,
      onCancel: options.onCancel ?? "wait",
      begun,
      ended,
      cancelAsked: false,
    });
    const other = this.other(workflow, command.id);
    const result = (): Promise<unknown> => ended.promise;
    const handle = begun.promise.then((runId) => ({ ...other, runId, result }));
    handle.catch(() => undefined);
    return handle;
  }

  other(workflow: Workflow, id: string): OtherRun {
    const to = parseId(id, "workflow id");
    return {
      id: to,
      signal: (name: string, ...rest: readonly unknown[]) =>
        this.#send(to, {
          kind: "signal",
          name,
          payload: encodePayload(rest[0], `signal ${name} of workflow ${workflow.name}`),
        }),
      cancel: (reason) =>
        this.#send(to, {
          kind: "cancel",
          reason: reason ?? `cancelled by run "${this.#machine.identity.id}"`,
        }),
    };
  }

  #send(to: string, message: SentMessage): Promise<void> {
    const machine = this.#machine;
    machine.enter("run");
    const reason = this.#scope.cancelled;
    if (reason !== undefined) return Promise.reject(cancelled(machine.identity.id, reason));
    const send = machine.waiting.next("send");
    machine.hasActed = true;
    machine.command({ kind: "send", send, to, message });
    const sent = waiter<void>();
    machine.waiting.sends.set(send, sent);
    return sent.promise;
  }
}

function childCommand(
  machine: Machine,
  workflow: Workflow,
  input: unknown,
  options: ChildOptions,
): Command & { readonly kind: "child" } {
  const { root, generation } = machine.identity;
  const { name } = workflow;
  const chain = generation === 0 ? root : `${root}+${generation}`;
  const id = options.id ?? `${chain}/${name}/${machine.ordinal(`child ${name}`)}`;
  return {
    kind: "child",
    child: machine.waiting.next("child"),
    workflow: name,
    id: parseId(id, "workflow id of a child"),
    input: encodePayload(input, `the input of workflow ${name}`),
    onParentClose: options.onParentClose ?? "cancel",
    ...(options.tags === undefined ? {} : { tags: checkTags(options.tags) }),
    ...(options.memo === undefined ? {} : { memo: encodePayload(options.memo, "a memo") }),
  };
}
