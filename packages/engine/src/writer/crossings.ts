// What runs do to each other within a turn: children begin and end, messages arrive, a parent's end reaches its
// children. Both sides take part in the same turn, so they stand in one commit.

import {
  type Command,
  type Encoded,
  type Fact,
  type Failure,
  HoldfastError,
  type RunResult,
  type Workflow,
  decode,
  encodePayload,
  parseWith,
  toFailure,
} from "@holdfast/core";
import type { Registry } from "../registry.ts";
import { LiveRun } from "../run/live-run.ts";
import type { LiveRuns } from "../run/live-runs.ts";
import type { Loader } from "../run/loader.ts";
import { resultOf } from "../run/result.ts";
import type { RunParent } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { checkSignals, runClosed, terminated } from "./closed.ts";
import { type RunMaker, newRun } from "./new-run.ts";
import type { Plan } from "./plan.ts";
import type { Step } from "./step.ts";

type Of<Kind extends Command["kind"]> = Command & { readonly kind: Kind };
type Crossing = Of<"child"> | Of<"child-cancelled"> | Of<"child-cancel-asked"> | Of<"send">;

/** The turn, as its crossings see it. */
export interface Turn {
  readonly plan: Plan;
  readonly host: RunMaker & {
    readonly store: Store;
    readonly registry: Registry;
    readonly lives: LiveRuns;
    readonly loader: Loader;
  };
  /** The step of a run that takes part, or takes part from now on. */
  step(live: LiveRun): Promise<Step>;
  begin(live: LiveRun, fact: Fact, at: number): void;
}

export class Crossings {
  readonly #turn: Turn;
  #waiting: (() => Promise<boolean>)[] = [];

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  add(from: Step, command: Crossing): void {
    switch (command.kind) {
      case "child":
        this.#waiting.push(() => this.#begin(from, command));
        break;
      case "child-cancelled":
        if (command.ask) this.#cancelChild(from, command.child, "its parent gave it up");
        break;
      case "child-cancel-asked":
        this.#cancelChild(from, command.child, command.reason);
        break;
      case "send":
        this.#waiting.push(() => this.#send(from, command));
        break;
    }
  }

  /** A run has closed: its children are told, and its parent. */
  closed(step: Step): void {
    const { live, activation } = step;
    const { id } = live.row;
    for (const child of activation.machine.waiting.openChildren.values()) {
      if (child.onParentClose === "abandon") continue;
      const reason = `its parent "${id}" has closed`;
      this.#waiting.push(() =>
        this.#tell(this.#childOf(live, child.id), (found) =>
          child.onParentClose === "cancel"
            ? { kind: "cancel", reason }
            : { kind: "terminated", failure: terminated(found, reason) },
        ),
      );
    }
    const { parent } = live;
    const result = resultOf(activation.entries.at(-1));
    if (parent === undefined || result === undefined) return;
    const fact: Fact =
      result.kind === "completed"
        ? { kind: "child-done", child: parent.child, output: result.output }
        : { kind: "child-failed", child: parent.child, failure: result.failure };
    this.#waiting.push(async () => this.#tell(await this.#byRow(parent.row), () => fact));
  }

  /** Does what can be done now; the rest waits until its target has come to rest. */
  cross(): Promise<void> | undefined {
    return this.#waiting.length === 0 ? undefined : this.#crossAll();
  }

  async #crossAll(): Promise<void> {
    const crossings = this.#waiting;
    this.#waiting = [];
    for (const cross of crossings) if (!(await cross())) this.#waiting.push(cross);
  }

  async #begin(from: Step, command: Of<"child">): Promise<boolean> {
    const { host, plan } = this.#turn;
    const { live, activation } = from;
    const { child, id } = command;
    const tell = (...facts: Fact[]): true => {
      activation.facts.push(...facts);
      return true;
    };
    const refuse = (error: unknown): true =>
      tell({ kind: "child-failed", child, failure: toFailure(error) });
    let input: Encoded;
    try {
      input = parsed(host.registry.workflow(command.workflow), command);
    } catch (error) {
      return refuse(error);
    }
    const parent = { id: live.row.id, row: live.row.row, child };
    const before = await this.#latest(id);
    if (before !== undefined && !this.#isOurs(before.parent, live, child))
      return refuse(idTaken(id));
    if (before !== undefined) {
      const { runId } = before.row;
      if (isOpen(before)) {
        this.#adopt(before, parent);
        return tell({ kind: "child-started", child, runId });
      }
      let result: RunResult | undefined;
      try {
        result = resultOf(host.store.journal.last(before.row.row)?.entries.at(-1));
      } catch (error) {
        // Its journal is damaged: that is no trouble of this turn.
        return refuse(error);
      }
      if (result?.kind === "completed") {
        const { output } = result;
        return tell({ kind: "child-started", child, runId }, { kind: "child-done", child, output });
      }
    }
    const begun = newRun(host, {
      id,
      workflow: command.workflow,
      account: live.row.account,
      root: before?.row.root ?? id,
      generation: 0,
      request: `child ${live.row.runId} ${child}`,
      startedAt: activation.at,
      parent,
    });
    plan.begun.set(id, begun);
    const { tags, memo } = command;
    const started: Fact = {
      kind: "started",
      input,
      parent: live.row.id,
      ...(tags === undefined ? {} : { tags }),
      ...(memo === undefined ? {} : { memo }),
    };
    this.#turn.begin(begun, started, activation.at);
    return tell({ kind: "child-started", child, runId: begun.row.runId });
  }

  async #send(from: Step, { send, to, message }: Of<"send">): Promise<boolean> {
    const { registry } = this.#turn.host;
    const { facts } = from.activation;
    const refuse = (error: unknown): true => {
      facts.push({ kind: "send-failed", send, failure: toFailure(error) });
      return true;
    };
    const target = await this.#latest(to);
    if (target === undefined) return refuse(unknownRun(to));
    let fact: Fact;
    try {
      if (message.kind === "signal") checkSignals(target);
      fact =
        message.kind === "cancel"
          ? { kind: "cancel", reason: message.reason }
          : {
              kind: "signal",
              name: message.name,
              payload: signalPayload(registry.workflow(target.row.workflow), message),
              id: `${from.live.row.runId}/${send}`,
            };
    } catch (error) {
      return refuse(error);
    }
    const told = await this.#tell(target, () => fact);
    if (!told) return false;
    if (!isOpen(target)) return refuse(runClosed(target, message.kind));
    facts.push({ kind: "sent", send });
    return true;
  }

  #cancelChild(from: Step, child: number, reason: string): void {
    const command = from.activation.machine.waiting.openChildren.get(child);
    if (command === undefined) return;
    this.#waiting.push(() =>
      this.#tell(this.#childOf(from.live, command.id), () => ({ kind: "cancel", reason })),
    );
  }

  /** Tells a run that is open; false where it must first take what lies before it. */
  async #tell(
    target: LiveRun | undefined | Promise<LiveRun | undefined>,
    factFor: (live: LiveRun) => Fact,
  ): Promise<boolean> {
    const live = await target;
    if (live === undefined || !isOpen(live)) return true;
    const { activation, stuck } = await this.#turn.step(live);
    const { machine, facts, delivered } = activation;
    if (!stuck && machine.problem === undefined && !machine.closed && delivered < facts.length) {
      return false;
    }
    facts.push(factFor(live));
    return true;
  }

  async #childOf(parent: LiveRun, id: string): Promise<LiveRun | undefined> {
    const child = await this.#latest(id);
    return child?.parent?.row === parent.row.row ? child : undefined;
  }

  /** The newest run with an id, as this turn has it. */
  async #latest(id: string): Promise<LiveRun | undefined> {
    const { host, plan } = this.#turn;
    const here = plan.begun.get(id) ?? host.lives.open(id);
    if (here !== undefined) return host.lives.open(id) ?? here;
    const stored = host.store.runs.latest(id);
    return stored === undefined ? undefined : this.#byRow(stored.row);
  }

  async #byRow(row: number): Promise<LiveRun> {
    const { lives, loader, store, namespace } = this.#turn.host;
    const live = lives.get(row);
    if (live !== undefined) return live;
    const stored = store.runs.byRow(row);
    // Of a closed run nothing is needed but that it is closed.
    const isClosed = stored?.state.closedAt !== undefined;
    return isClosed ? new LiveRun(stored, namespace) : loader.load(row);
  }

  /** Begun by the same decision: of this run, or of the one of the same root before it. */
  #isOurs(before: RunParent | undefined, live: LiveRun, child: number): boolean {
    if (before === undefined || before.id !== live.row.id) return false;
    if (before.row === live.row.row) return before.child === child;
    return this.#turn.host.store.runs.byRow(before.row)?.root === live.row.root;
  }

  #adopt(child: LiveRun, parent: RunParent): void {
    child.parent = parent;
    this.#turn.plan.writes.push((store) => {
      store.runs.adopt(child.row.row, parent);
    });
  }
}

/** Open, also after what this turn has done to it so far. */
function isOpen(live: LiveRun): boolean {
  return !live.closed && live.machine?.closed !== true;
}

function parsed(workflow: Workflow, command: Of<"child">): Encoded {
  const what = `the input of workflow ${workflow.name}`;
  return encodePayload(parseWith(workflow.input, decode(command.input), what), what);
}

function signalPayload(
  { name, signals }: Workflow,
  message: { readonly name: string; readonly payload: Encoded },
): Encoded {
  const schema = Object.hasOwn(signals, message.name) ? signals[message.name] : undefined;
  if (schema === undefined) {
    throw refusal(
      "HF-MESSAGE-UNKNOWN",
      `Cannot signal "${message.name}": workflow ${name} takes ${Object.keys(signals).join(", ") || "no signals"}.`,
    );
  }
  const what = `signal ${message.name}`;
  return encodePayload(parseWith(schema, decode(message.payload), what), what);
}

function idTaken(id: string): Failure {
  return toFailure(
    refusal(
      "HF-RUN-EXISTS",
      `Cannot start child "${id}": a run that is not of this parent has this id.`,
    ),
  );
}

function unknownRun(id: string): HoldfastError {
  return refusal("HF-RUN-UNKNOWN", `Cannot send to run "${id}": no run has this id.`);
}

function refusal(code: string, message: string): HoldfastError {
  return new HoldfastError(code, message, {
    class: "state",
    disposition: "refused",
    outcome: "not-sent",
  });
}
