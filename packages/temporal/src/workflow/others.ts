// Other runs, as a run commands them: children, and messages to any run.

import type { Command, Encoded, Fact, Failure, ParentClose } from "@holdfast/core";
import { type RunIdentity, encodeOrigin, tagTexts } from "@holdfast/engine/workflow-side";
import { defineSearchAttributeKey } from "@temporalio/common";
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  getExternalWorkflowHandle,
  scheduleLocalActivity,
  startChild,
} from "@temporalio/workflow";
import { Alone } from "./alone.ts";
import { childExists, fromTemporal, noSuchRun } from "./failure.ts";
import { TAGS_KEY } from "./notes.ts";
import { HAND_OVER, type HandOver, type TemporalOrigin, memoOf } from "./protocol.ts";
import type { RunTime } from "./time.ts";
import { textOf, treeOf, treeOfValue } from "./tree.ts";

type Child = Command & { readonly kind: "child" };
type Send = Command & { readonly kind: "send" };

const POLICIES = {
  cancel: ParentClosePolicy.REQUEST_CANCEL,
  terminate: ParentClosePolicy.TERMINATE,
  abandon: ParentClosePolicy.ABANDON,
} as const satisfies Readonly<Record<ParentClose, string>>;

const ACCOUNT = defineSearchAttributeKey("HoldfastAccount", "KEYWORD");
const PARENT = defineSearchAttributeKey("HoldfastParent", "KEYWORD");

const HAND_OVER_MS = 10_000;
const HAND_OVER_AGAIN_MS = 100;

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
  /** Messages that the server has not taken yet. */
  readonly #leaving = new Set<Promise<unknown>>();
  #line: Promise<void> = Promise.resolve();

  constructor(options: OthersOptions) {
    this.#options = options;
  }

  child(command: Child): void {
    const { child, id, workflow, input } = command;
    this.#ids.set(child, id);
    if (this.#used.has(id)) {
      this.#options.tell({ kind: "child-failed", child, failure: childExists(id) });
      return;
    }
    this.#used.add(id);
    this.#handOver(
      { kind: "child", workflow, input },
      (parsed) => void this.#live(command, parsed ?? input),
      (failure) => {
        this.#options.tell({ kind: "child-failed", child, failure });
      },
    );
  }

  /** Asks a child to cancel; its end is told when it comes. */
  ask(child: number): void {
    const id = this.#ids.get(child);
    if (id === undefined) return;
    this.#inLine(() => {
      // A child that is not there any more needs no asking.
      this.#leave(getExternalWorkflowHandle(this.#at(id)).cancel());
    });
  }

  send({ send, to, message }: Send): void {
    const { identity, time, tell, origin } = this.#options;
    const from = `${identity.runId}/${send}`;
    const failed = (failure: Failure): void => {
      tell({ kind: "send-failed", send, failure });
    };
    const { kind } = message;
    const given: HandOver =
      kind === "cancel" ? { kind, to } : { kind, to, name: message.name, payload: message.payload };
    this.#handOver(
      given,
      (parsed) => {
        const other = getExternalWorkflowHandle(this.#at(to));
        const at = origin.heldAt === undefined ? [] : [time.now()];
        const sent =
          kind === "cancel"
            ? other.cancel()
            : other.signal(message.name, treeOf(parsed ?? message.payload), from, ...at);
        this.#leave(sent);
        sent.then(
          () => {
            tell({ kind: "sent", send });
          },
          () => {
            failed(noSuchRun(to));
          },
        );
      },
      failed,
    );
  }

  /** Resolves when what was commanded has left: the server drops what a closed run still has to send. */
  async left(): Promise<void> {
    await this.#line;
    await Promise.all(this.#leaving);
  }

  #leave(sent: Promise<unknown>): void {
    const gone = sent.catch(() => undefined).finally(() => this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }

  /** Schemas are not in the sandbox: the worker applies those of the receiver, and looks whether there is one. */
  #handOver(
    given: HandOver,
    then: (parsed: Encoded | undefined) => void,
    failed: (failure: Failure) => void,
  ): void {
    if (this.#options.origin.served !== true) {
      then(undefined);
      return;
    }
    this.#inLine(async () => {
      try {
        const parsed: unknown = await scheduleLocalActivity(HAND_OVER, [treeOfValue(given)], {
          startToCloseTimeout: HAND_OVER_MS,
          retry: { initialInterval: HAND_OVER_AGAIN_MS, maximumInterval: HAND_OVER_MS },
        });
        then(typeof parsed === "string" ? parsed : undefined);
      } catch (error) {
        failed(fromTemporal(error));
      }
    });
  }

  /** One after the other, so that everything leaves in the order in which it was commanded. */
  #inLine(body: () => void | Promise<void>): void {
    const alone = (): Promise<void> => new Alone(false).run(async () => body());
    if (this.#options.origin.served !== true) void alone();
    else this.#line = this.#line.then(alone);
  }

  /** The id of a run at the server. */
  #at(id: string): string {
    return `${this.#options.origin.prefix ?? ""}${id}`;
  }

  async #live(command: Child, input: Encoded): Promise<void> {
    const { child, id, workflow, onParentClose, tags, memo } = command;
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
