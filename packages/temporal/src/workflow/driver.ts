// Drives a run inside Temporal's sandbox. The coroutine is the embedded engine's: its facts come from the SDK, one
// at a time, and its commands go to the SDK, in the order in which they were given.

import type { CarriedSignal, Command, Encoded, Fact, Workflow } from "@holdfast/core";
import { type RunIdentity, createContext, encodeOrigin } from "@holdfast/engine/workflow-side";
import {
  CancelledFailure,
  condition,
  log,
  makeContinueAsNewFunc,
  workflowInfo,
} from "@temporalio/workflow";
import { Calls, type OnCall } from "./calls.ts";
import { toTemporal } from "./failure.ts";
import { Journal } from "./journal.ts";
import { TemporalMachine } from "./machine.ts";
import { Messages } from "./messages.ts";
import { Notes } from "./notes.ts";
import { Others } from "./others.ts";
import { type TemporalOrigin, memoOf } from "./protocol.ts";
import { HeldTime, type RunTime, ServerTime } from "./time.ts";
import { park } from "./park.ts";
import { Portions } from "./portions.ts";
import { leaveVersion } from "./version.ts";
import { watch } from "./watch.ts";
import { treeOf } from "./tree.ts";

type CommandOf<Kind extends Command["kind"]> = Command & { readonly kind: Kind };
type Closing = CommandOf<"completed" | "run-failed" | "cancelled" | "continued">;

/** What has happened, and when, where that is known. */
interface Told {
  readonly fact: Fact;
  readonly at: number | undefined;
}

export class Driver {
  readonly #origin: TemporalOrigin;
  readonly #machine: TemporalMachine;
  readonly #journal: Journal;
  readonly #time: RunTime;
  readonly #facts: Told[] = [];
  readonly #calls: Calls;
  readonly #others: Others;
  readonly #messages: Messages;
  readonly #notes: Notes;
  readonly #portions = new Portions();
  #standing: string | undefined;

  constructor(workflow: Workflow, origin: TemporalOrigin, onCall?: OnCall) {
    const { workflowId, runId, workflowType } = workflowInfo();
    const { account, namespace, root, generation, parent, prefix = "", heldAt } = origin;
    const id = workflowId.slice(prefix.length);
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
      historySuggest: origin.suggestAt ?? Number.POSITIVE_INFINITY,
      context: (machine) => createContext(machine, machine.scope),
      // The machine keeps the problem itself.
      onForeign: () => undefined,
    });
    const held = heldAt !== undefined;
    const time = held ? new HeldTime(heldAt, (at) => watch.wakes(at)) : new ServerTime();
    const machine = this.#machine;
    const journal = new Journal(machine);
    this.#time = time;
    this.#journal = journal;
    this.#calls = new Calls({
      machine,
      journal,
      served: origin.served === true,
      time,
      held,
      tell,
      onCall,
    });
    this.#others = new Others({ identity, origin, time, tell });
    const calls = this.#calls;
    this.#messages = new Messages({ machine, workflow, journal, calls, time, tell });
    this.#notes = new Notes(origin.tags ?? {});
  }

  tell(fact: Fact, at?: number): void {
    if (at !== undefined) this.#time.advance(at);
    this.#facts.push({ fact, at });
  }

  async run(input: Encoded): Promise<unknown> {
    const { notBefore, tags, memo, loop, signals } = this.#origin;
    this.tell({ kind: "started", input, notBefore, tags, memo, loop, signals });
    if (this.#origin.heldAt !== undefined) watch.opened();
    for (;;) {
      await condition(() => this.#facts.length > 0);
      const told = this.#facts.shift();
      if (told === undefined) continue;
      const { fact } = told;
      const commands = await this.#deliver(fact, told.at);
      // What came with the start waits until the code has had its first word: it may have set its handlers.
      if (fact.kind === "started") this.#messages.listen();
      for (const command of commands) {
        if (isClosing(command)) {
          if (this.#origin.served === true) await this.#others.left();
          return this.#close(command);
        }
        const wait = this.#origin.served === true ? this.#portions.room(command) : undefined;
        if (wait !== undefined) await wait;
        this.#perform(command);
        // The SDK takes these up only in a reaction: what comes later must stay behind them.
        if (REACTING.has(command.kind)) await drained();
      }
      if (fact.kind === "resent") this.#calls.resend(fact.call);
      this.#show();
    }
  }

  /** Lists show a run that stands for a person. */
  #show(): void {
    if (this.#origin.served !== true) return;
    const { standing } = this.#journal;
    if (standing === this.#standing) return;
    this.#standing = standing;
    this.#notes.standing(standing);
  }

  /** Delivers a fact, and lets the code run until it rests. */
  async #deliver(fact: Fact, at = this.#time.now()): Promise<readonly Command[]> {
    const machine = this.#machine;
    machine.deliver(fact, at);
    this.#journal.add(fact, machine.now);
    do await drained();
    while (machine.settle());
    if (machine.problem !== undefined) throw park(machine.problem);
    for (const { level, message, fields } of machine.takeLogged()) log[level](message, fields);
    const commands = machine.takeCommands();
    for (const command of commands) this.#journal.add(command, machine.now);
    return commands;
  }

  #perform(command: Command): void {
    switch (command.kind) {
      case "call":
        this.#calls.call(command);
        break;
      case "call-cancelled":
        this.#calls.giveUp(command.call);
        break;
      case "call-cancel-asked":
        this.#calls.ask(command.call);
        break;
      case "timer":
        this.#timer(command);
        break;
      case "timer-cancelled":
        this.#time.cancel(command.timer);
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

  #timer({ timer, at }: CommandOf<"timer">): void {
    this.#time.set(timer, at, () => {
      this.tell({ kind: "fired", timer });
    });
  }

  /** Signals that came while the run waited to close. */
  #untold(): CarriedSignal[] {
    return this.#facts.flatMap(({ fact }) => {
      if (fact.kind !== "signal") return [];
      const { name, payload, id } = fact;
      return [{ name, payload, id }];
    });
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
        const { input, loop } = command;
        const signals = [...(command.signals ?? []), ...this.#untold()];
        const { account, namespace, root, generation, parent } = this.#origin;
        const { prefix, heldAt, suggestAt, served } = this.#origin;
        // What an export says comes first, and in its order.
        const origin = {
          account,
          namespace,
          root,
          generation: generation + 1,
          parent,
          ...this.#machine.notes.carried,
          loop,
          signals: signals.length === 0 ? undefined : signals,
          prefix,
          suggestAt,
          served,
          heldAt: heldAt === undefined ? undefined : this.#time.now(),
        };
        leaveVersion();
        const again = makeContinueAsNewFunc({ memo: memoOf(origin) });
        return again(treeOf(input), treeOf(encodeOrigin(origin)));
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
