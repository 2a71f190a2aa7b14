// Drives a run inside Temporal's sandbox. The coroutine is the embedded engine's: its facts come from the SDK, one
// at a time, and its commands go to the SDK, in the order in which they were given. Most of it happens in the condition
// of a waiting workflow, which the SDK looks at when all promise reactions have run: there it costs no promise and no
// further round of reactions, and each of those is dear in the sandbox.

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
  /** Whether it has nothing to do, will take the next fact at once, or is at one. */
  #phase: "rests" | "called" | "moves" = "rests";
  /** The fact it is at. */
  #fact: Fact | undefined;
  /** True while the code reacts to it. */
  #isReacting = false;
  /** What the code has decided, and is still to be done. */
  #commands: Command[] = [];
  /** What `run` does next: only there can something be awaited, returned or thrown. */
  #room: Promise<void> | undefined;
  #closing: Closing | undefined;
  #thrown: { readonly error: unknown } | undefined;

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
    if (this.#phase !== "rests") return;
    this.#phase = "called";
    // The SDK looks at conditions also while it still hands over what has come.
    void SOON.then(() => this.#guarded(() => this.#next()));
  }

  async run(input: Encoded): Promise<unknown> {
    const { notBefore, tags, memo, loop, signals } = this.#origin;
    this.tell({ kind: "started", input, notBefore, tags, memo, loop, signals });
    if (this.#origin.heldAt !== undefined) watch.opened();
    for (;;) {
      await reacted(() => this.#guarded(() => this.#goesOn()));
      if (this.#thrown !== undefined) throw this.#thrown.error;
      if (this.#closing !== undefined) {
        if (this.#origin.served === true) await this.#others.left();
        return this.#close(this.#closing);
      }
      if (this.#room !== undefined) {
        await this.#room;
        this.#room = undefined;
        this.#performNext();
      }
    }
  }

  /** True where it has set code going, or waits for `run`: then it is to be called when that has reacted. */
  #guarded(step: () => boolean): boolean {
    try {
      return step();
    } catch (error) {
      this.#thrown = { error };
      return true;
    }
  }

  /** Goes on when all reactions have run. */
  #goesOn(): boolean {
    if (this.#thrown !== undefined) return true;
    if (this.#phase !== "moves") return false;
    if (this.#isReacting) {
      if (this.#machine.settle()) return true;
      this.#isReacting = false;
      this.#decided();
    }
    for (;;) {
      const command = this.#commands.at(0);
      if (command === undefined) break;
      if (isClosing(command)) {
        this.#closing = command;
        return true;
      }
      this.#room = this.#origin.served === true ? this.#portions.room(command) : undefined;
      if (this.#room !== undefined) return true;
      this.#performNext();
      // The SDK takes these up only in a reaction: what comes later must stay behind them.
      if (REACTING.has(command.kind)) return true;
    }
    if (this.#fact?.kind === "resent") this.#calls.resend(this.#fact.call);
    this.#show();
    return this.#next();
  }

  /** Delivers the next fact; false where there is none. */
  #next(): boolean {
    const told = this.#facts.shift();
    this.#phase = told === undefined ? "rests" : "moves";
    this.#fact = told?.fact;
    if (told === undefined) return false;
    const { fact, at = this.#time.now() } = told;
    const machine = this.#machine;
    machine.deliver(fact, at);
    this.#journal.add(fact, machine.now);
    this.#isReacting = true;
    return true;
  }

  /** The code has come to rest. */
  #decided(): void {
    const machine = this.#machine;
    if (machine.problem !== undefined) throw park(machine.problem);
    for (const { level, message, fields } of machine.takeLogged()) log[level](message, fields);
    this.#commands = machine.takeCommands();
    for (const command of this.#commands) this.#journal.add(command, machine.now);
    // What came with the start waits until the code has had its first word: it may have set its handlers.
    if (this.#fact?.kind === "started") this.#messages.listen();
  }

  #performNext(): void {
    const command = this.#commands.shift();
    if (command !== undefined) this.#perform(command);
  }

  /** Lists show a run that stands for a person. */
  #show(): void {
    if (this.#origin.served !== true) return;
    const { standing } = this.#journal;
    if (standing === this.#standing) return;
    this.#standing = standing;
    this.#notes.standing(standing);
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

const SOON: Promise<void> = Promise.resolve();

const REACTING: ReadonlySet<Command["kind"]> = new Set<Command["kind"]>([
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

/** Resolves when it holds after all promise reactions have run: the SDK also asks at once, before they have. */
function reacted(holds: () => boolean): Promise<void> {
  let isAsked = false;
  return condition(() => {
    if (isAsked) return holds();
    isAsked = true;
    return false;
  });
}
