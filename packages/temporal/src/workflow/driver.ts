// Drives a run inside Temporal's sandbox. The coroutine is the embedded engine's: its facts come from the SDK, one
// at a time, and its commands go to the SDK, in the order in which they were given.

import { type Command, type Encoded, type Fact, type Workflow, fromFailure } from "@holdfast/core";
import {
  type Origin,
  type RunIdentity,
  createContext,
  encodeOrigin,
} from "@holdfast/engine/workflow-side";
import {
  CancelledFailure,
  condition,
  continueAsNew,
  log,
  workflowInfo,
} from "@temporalio/workflow";
import { Calls } from "./calls.ts";
import { toTemporal } from "./failure.ts";
import { TemporalMachine } from "./machine.ts";
import { Messages } from "./messages.ts";
import { Notes } from "./notes.ts";
import { Others } from "./others.ts";
import { treeOf } from "./tree.ts";

type CommandOf<Kind extends Command["kind"]> = Command & { readonly kind: Kind };
type Closing = CommandOf<"completed" | "run-failed" | "cancelled" | "continued">;

export class Driver {
  readonly #origin: Origin;
  readonly #machine: TemporalMachine;
  readonly #facts: Fact[] = [];
  readonly #calls: Calls;
  readonly #others: Others;
  readonly #messages: Messages;
  readonly #notes: Notes;

  constructor(workflow: Workflow, origin: Origin) {
    const { workflowId: id, runId, workflowType } = workflowInfo();
    const { account, namespace, root, generation, parent } = origin;
    const identity: RunIdentity = {
      id,
      runId,
      workflow: workflowType,
      account,
      namespace,
      root,
      generation,
      parent,
    };
    const tell = this.tell.bind(this);
    this.#origin = origin;
    this.#machine = new TemporalMachine({
      identity,
      workflow,
      // The server suggests it.
      historySuggest: Number.POSITIVE_INFINITY,
      context: (machine) => createContext(machine, machine.scope),
      // The machine keeps the problem itself.
      onForeign: () => undefined,
    });
    this.#calls = new Calls(this.#machine, tell);
    this.#others = new Others(identity, tell);
    this.#messages = new Messages(this.#machine, workflow, tell);
    this.#notes = new Notes(origin.tags ?? {});
  }

  tell(fact: Fact): void {
    this.#facts.push(fact);
  }

  async run(input: Encoded): Promise<unknown> {
    const { notBefore, tags, memo, loop, signals } = this.#origin;
    this.tell({ kind: "started", input, notBefore, tags, memo, loop, signals });
    this.#messages.listen();
    for (;;) {
      await condition(() => this.#facts.length > 0);
      const fact = this.#facts.shift();
      if (fact === undefined) continue;
      for (const command of await this.#deliver(fact)) {
        if (isClosing(command)) return this.#close(command);
        this.#perform(command);
        // The SDK takes these up only in a reaction: what comes later must stay behind them.
        if (REACTING.has(command.kind)) await drained();
      }
    }
  }

  /** Delivers a fact, and lets the code run until it rests. */
  async #deliver(fact: Fact): Promise<readonly Command[]> {
    const machine = this.#machine;
    machine.deliver(fact, Date.now());
    do await drained();
    while (machine.settle());
    // A bug of the code: not the run fails but this task, which is tried again with other code.
    if (machine.problem !== undefined) throw fromFailure(machine.problem);
    for (const { level, message, fields } of machine.takeLogged()) log[level](message, fields);
    return machine.takeCommands();
  }

  #perform(command: Command): void {
    switch (command.kind) {
      case "call":
        this.#calls.call(command);
        break;
      case "call-cancelled":
        this.#calls.giveUpCall(command.call);
        break;
      case "call-cancel-asked":
        this.#calls.askCall(command.call);
        break;
      case "timer":
        this.#calls.timer(command);
        break;
      case "timer-cancelled":
        this.#calls.giveUpTimer(command.timer);
        break;
      case "child":
        this.#others.child(command);
        break;
      case "child-cancelled":
        if (command.ask) this.#others.ask(command.child);
        break;
      case "child-cancel-asked":
        this.#others.ask(command.child);
        break;
      case "send":
        this.#others.send(command);
        break;
      case "update-done":
      case "update-failed":
        this.#messages.answer(command);
        break;
      case "tags":
        this.#notes.tag(command.tags);
        break;
      case "memo":
        this.#notes.remember(command.memo);
        break;
      // Patches are the SDK's; a run that is closing waits.
      default:
        break;
    }
  }

  #close(command: Closing): unknown {
    switch (command.kind) {
      case "completed":
        return treeOf(command.output);
      case "run-failed":
        throw toTemporal(command.failure);
      case "cancelled":
        throw new CancelledFailure(command.reason);
      case "continued": {
        const { input, loop, signals } = command;
        const { account, namespace, root, generation, parent } = this.#origin;
        const kept = { account, namespace, root, generation: generation + 1, parent };
        const origin = { ...kept, ...this.#machine.notes.carried, loop, signals };
        return continueAsNew(treeOf(input), treeOf(encodeOrigin(origin)));
      }
    }
  }
}

const REACTING: ReadonlySet<Command["kind"]> = new Set<Command["kind"]>([
  "call-cancelled",
  "call-cancel-asked",
  "timer-cancelled",
  "update-done",
  "update-failed",
]);

function isClosing(command: Command): command is Closing {
  switch (command.kind) {
    case "completed":
    case "run-failed":
    case "cancelled":
    case "continued":
      return true;
    default:
      return false;
  }
}

/** Resolves when all promise reactions have run: the SDK looks at conditions only then. */
async function drained(): Promise<void> {
  let asked = false;
  await condition(() => {
    const before = asked;
    asked = true;
    return before;
  });
}
