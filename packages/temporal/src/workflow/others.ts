// Other runs, as a run commands them: children, and messages to any run.

import type { Command, Fact, ParentClose } from "@holdfast/core";
import { type RunIdentity, encodeOrigin, tagTexts } from "@holdfast/engine/workflow-side";
import { defineSearchAttributeKey } from "@temporalio/common";
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  getExternalWorkflowHandle,
  startChild,
} from "@temporalio/workflow";
import { childExists, fromTemporal, noSuchRun } from "./failure.ts";
import { TAGS_KEY } from "./notes.ts";
import { type TemporalOrigin, memoOf } from "./protocol.ts";
import type { RunTime } from "./time.ts";
import { textOf, treeOf } from "./tree.ts";

type Child = Command & { readonly kind: "child" };
type Send = Command & { readonly kind: "send" };

const POLICIES = {
  cancel: ParentClosePolicy.REQUEST_CANCEL,
  terminate: ParentClosePolicy.TERMINATE,
  abandon: ParentClosePolicy.ABANDON,
} as const satisfies Readonly<Record<ParentClose, string>>;

const ACCOUNT = defineSearchAttributeKey("HoldfastAccount", "KEYWORD");
const PARENT = defineSearchAttributeKey("HoldfastParent", "KEYWORD");

export interface OthersOptions {
  readonly identity: RunIdentity;
  readonly origin: TemporalOrigin;
  readonly time: RunTime;
  readonly tell: (fact: Fact) => void;
}

export class Others {
  readonly #options: OthersOptions;
  /** Ids of the children, by their number. */
  readonly #ids = new Map<number, string>();
  /** Ids that this run has given to children. */
  readonly #used = new Set<string>();

  constructor(options: OthersOptions) {
    this.#options = options;
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
    getExternalWorkflowHandle(this.#at(id))
      .cancel()
      .catch(() => undefined);
  }

  send({ send, to, message }: Send): void {
    const other = getExternalWorkflowHandle(this.#at(to));
    const { identity, time } = this.#options;
    const from = `${identity.runId}/${send}`;
    const at = this.#options.origin.heldAt === undefined ? [] : [time.now()];
    const sent =
      message.kind === "cancel"
        ? other.cancel()
        : other.signal(message.name, treeOf(message.payload), from, ...at);
    sent.then(
      () => {
        this.#options.tell({ kind: "sent", send });
      },
      () => {
        this.#options.tell({ kind: "send-failed", send, failure: noSuchRun(to) });
      },
    );
  }

  /** The id of a run at the server. */
  #at(id: string): string {
    return `${this.#options.origin.prefix ?? ""}${id}`;
  }

  async #live(command: Child): Promise<void> {
    const { child, id, workflow, input, onParentClose, tags, memo } = command;
    if (this.#used.has(id)) {
      this.#options.tell({ kind: "child-failed", child, failure: childExists(id) });
      return;
    }
    this.#used.add(id);
    const { identity, origin, time, tell } = this.#options;
    const { account, namespace } = identity;
    const { prefix, heldAt, suggestAt, served } = origin;
    const parent = identity.id;
    const own: TemporalOrigin = {
      account,
      namespace,
      root: id,
      generation: 0,
      parent,
      tags,
      memo,
      prefix,
      suggestAt,
      served,
      ...(heldAt === undefined ? {} : { heldAt: time.now() }),
    };
    try {
      const handle = await startChild(workflow, {
        workflowId: this.#at(id),
        args: [treeOf(input), treeOf(encodeOrigin(own))],
        parentClosePolicy: POLICIES[onParentClose],
        // It is never cancelled by a scope of the SDK, only by `ask`.
        cancellationType: ChildWorkflowCancellationType.ABANDON,
        memo: memoOf(own),
        typedSearchAttributes: [
          { key: ACCOUNT, value: account },
          { key: PARENT, value: parent },
          ...(tags === undefined ? [] : [{ key: TAGS_KEY, value: tagTexts(tags) }]),
        ],
      });
      tell({ kind: "child-started", child, runId: handle.firstExecutionRunId });
      try {
        const output: unknown = await handle.result();
        tell({ kind: "child-done", child, output: textOf(output) });
      } catch (error) {
        tell({ kind: "child-failed", child, failure: fromTemporal(error) });
      }
    } catch {
      tell({ kind: "child-failed", child, failure: childExists(id) });
    }
  }
}
