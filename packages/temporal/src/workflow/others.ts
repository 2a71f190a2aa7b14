// Other runs, as a run commands them: children, and messages to any run.

import type { Command, Fact, ParentClose } from "@holdfast/core";
import { type RunIdentity, encodeOrigin } from "@holdfast/engine/workflow-side";
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  getExternalWorkflowHandle,
  startChild,
} from "@temporalio/workflow";
import { childExists, fromTemporal, noSuchRun } from "./failure.ts";
import { textOf, treeOf } from "./tree.ts";

type Child = Command & { readonly kind: "child" };
type Send = Command & { readonly kind: "send" };

const POLICIES = {
  cancel: ParentClosePolicy.REQUEST_CANCEL,
  terminate: ParentClosePolicy.TERMINATE,
  abandon: ParentClosePolicy.ABANDON,
} as const satisfies Readonly<Record<ParentClose, string>>;

export class Others {
  readonly #identity: RunIdentity;
  readonly #tell: (fact: Fact) => void;
  /** Ids of the children, by their number. */
  readonly #ids = new Map<number, string>();

  constructor(identity: RunIdentity, tell: (fact: Fact) => void) {
    this.#identity = identity;
    this.#tell = tell;
  }

  child(command: Child): void {
    this.#ids.set(command.child, command.id);
    void this.#live(command);
  }

  /** Asks a child to cancel; its end is told when it comes. */
  ask(child: number): void {
    const id = this.#ids.get(child);
    if (id === undefined) return;
    // A child that is not there any more needs no asking.
    getExternalWorkflowHandle(id)
      .cancel()
      .catch(() => undefined);
  }

  send({ send, to, message }: Send): void {
    const other = getExternalWorkflowHandle(to);
    const sent =
      message.kind === "cancel"
        ? other.cancel()
        : other.signal(message.name, treeOf(message.payload));
    sent.then(
      () => {
        this.#tell({ kind: "sent", send });
      },
      () => {
        this.#tell({ kind: "send-failed", send, failure: noSuchRun(to) });
      },
    );
  }

  async #live(command: Child): Promise<void> {
    const { child, id, workflow, input, onParentClose, tags, memo } = command;
    const { account, namespace } = this.#identity;
    const parent = this.#identity.id;
    const origin = { account, namespace, root: id, generation: 0, parent, tags, memo };
    try {
      const handle = await startChild(workflow, {
        workflowId: id,
        args: [treeOf(input), treeOf(encodeOrigin(origin))],
        parentClosePolicy: POLICIES[onParentClose],
        // It is never cancelled by a scope of the SDK, only by `ask`.
        cancellationType: ChildWorkflowCancellationType.ABANDON,
      });
      this.#tell({ kind: "child-started", child, runId: handle.firstExecutionRunId });
      try {
        const output: unknown = await handle.result();
        this.#tell({ kind: "child-done", child, output: textOf(output) });
      } catch (error) {
        this.#tell({ kind: "child-failed", child, failure: fromTemporal(error) });
      }
    } catch {
      this.#tell({ kind: "child-failed", child, failure: childExists(id) });
    }
  }
}
