// What comes in: signals and updates become facts, queries and validators only look. Ours come beside those that
// users declare.

import {
  type Command,
  type Failure,
  HoldfastError,
  type Workflow,
  decode,
  toFailure,
} from "@holdfast/core";
import { callKey } from "@holdfast/engine/workflow-side";
import type { UpdateDefinition } from "@temporalio/common";
import {
  currentUpdateInfo,
  defineUpdate,
  setDefaultQueryHandler,
  setDefaultSignalHandler,
  setHandler,
} from "@temporalio/workflow";
import type { Calls, Tell } from "./calls.ts";
import { toRefusal, toTemporal } from "./failure.ts";
import type { Journal } from "./journal.ts";
import type { TemporalMachine } from "./machine.ts";
import { type BeatCall, type CompleteCall, type ResolveCall, SYSTEM } from "./protocol.ts";
import type { RunTime } from "./time.ts";
import { failureTree, textOf, treeOf, treeOfValue } from "./tree.ts";

type Answered = Command & { readonly kind: "update-done" | "update-failed" };

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface MessagesOptions {
  readonly machine: TemporalMachine;
  readonly workflow: Workflow;
  readonly journal: Journal;
  readonly calls: Calls;
  readonly time: RunTime;
  readonly tell: Tell;
}

export class Messages {
  readonly #options: MessagesOptions;
  readonly #updates = new Map<string, Waiting>();
  /** Calls that somebody has settled, before the run is told. */
  readonly #decided = new Set<number>();
  #signals = 0;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  listen(): void {
    const { machine, workflow, tell, time } = this.#options;
    setDefaultSignalHandler((name, payload, given, at) => {
      if (name === SYSTEM.time) {
        time.advance(Number(payload));
        return;
      }
      this.#signals += 1;
      // One that Temporal's own tools have sent has no id: it is named by its place.
      const place = `${machine.identity.runId}/${this.#signals}`;
      const id = typeof given === "string" ? given : place;
      const instant = typeof at === "number" ? at : undefined;
      tell({ kind: "signal", name, payload: textOf(payload), id }, instant);
    });
    setDefaultQueryHandler((name, input) => this.#look(name, input));
    for (const name of Object.keys(workflow.updates)) this.#take(name);
    this.#takeResolutions();
    this.#takeCompletions();
  }

  answer(command: Answered): void {
    const waiting = this.#updates.get(command.id);
    this.#updates.delete(command.id);
    if (command.kind === "update-done") waiting?.resolve(treeOf(command.output));
    else waiting?.reject(toTemporal(command.failure));
  }

  /** Looked at from outside; nothing it does can last. */
  #look(name: string, input: unknown): unknown {
    const { machine, journal, calls } = this.#options;
    switch (name) {
      case SYSTEM.state:
        return treeOfValue(journal.state((call) => calls.outside(call)));
      case SYSTEM.journal:
        return treeOfValue(journal.part(Number(input)));
      case SYSTEM.ask:
        try {
          return { answer: treeOf(machine.answer(String(input))) };
        } catch (error) {
          return { failure: failureTree(toFailure(error)) };
        }
      default:
        return treeOf(machine.answer(name));
    }
  }

  #take(name: string): void {
    const { machine, tell } = this.#options;
    setHandler(
      updateNamed(name),
      (input, at): unknown => {
        const { promise, resolve, reject } = Promise.withResolvers<unknown>();
        const id = currentUpdateInfo()?.id ?? name;
        this.#updates.set(id, { resolve, reject });
        tell({ kind: "update", name, input: textOf(input), id }, at);
        return promise;
      },
      {
        validator: (input, _at) => {
          const id = currentUpdateInfo()?.id ?? name;
          refuse(machine.refusal({ kind: "update", name, input: textOf(input), id }));
        },
      },
    );
  }

  #takeResolutions(): void {
    const { machine, tell } = this.#options;
    const parked = ({ key, approval = false }: ResolveCall): number | undefined => {
      const { identity } = machine;
      const found = [...machine.calls.values()].find(
        ({ command, parked: how }) =>
          how !== undefined &&
          (how === "awaiting-approval") === approval &&
          !this.#decided.has(command.call) &&
          callKey({ identity, command }) === key,
      );
      return found?.command.call;
    };
    setHandler(
      updateNamed(SYSTEM.resolve),
      (input, at): void => {
        const given = decode(textOf(input)) as ResolveCall;
        const { key, resolution, actor, reason } = given;
        const call = parked(given);
        if (call === undefined) throw toTemporal(toFailure(notInDoubt(machine, key)));
        const decision = { actor, reason };
        if (resolution.kind !== "resend") this.#decided.add(call);
        switch (resolution.kind) {
          case "done":
            tell({ kind: "done", call, output: resolution.output, decision }, at);
            break;
          case "not-done": {
            const failure = resolution.failure ?? toFailure(notDone(machine, call, decision));
            tell({ kind: "failed", call, failure, decision }, at);
            break;
          }
          case "resend":
            tell({ kind: "resent", call, decision }, at);
        }
      },
      {
        validator: (input, _at) => {
          const given = decode(textOf(input)) as ResolveCall;
          if (parked(given) === undefined) refuse(toFailure(notInDoubt(machine, given.key)));
        },
      },
    );
  }

  #takeCompletions(): void {
    const { machine, tell, calls } = this.#options;
    const { time } = this.#options;
    const isOpen = ({ call, key }: BeatCall, mayBeInDoubt: boolean): boolean => {
      const found = machine.calls.get(call);
      if (!calls.has(call) || this.#decided.has(call)) return false;
      if (
        found === undefined ||
        callKey({ identity: machine.identity, command: found.command }) !== key
      )
        return false;
      return mayBeInDoubt || found.parked === undefined;
    };
    setHandler(
      updateNamed(SYSTEM.complete),
      (input, at): void => {
        const given = decode(textOf(input)) as CompleteCall;
        const { call, outcome } = given;
        if (outcome.kind === "done") this.#decided.add(call);
        if (outcome.kind === "done") {
          calls.settled(call);
          tell({ kind: "done", call, output: outcome.output }, at);
        } else {
          calls.failedOutside(call, outcome.failure, given);
        }
      },
      {
        validator: (input, _at) => {
          const given = decode(textOf(input)) as CompleteCall;
          if (!isOpen(given, given.outcome.kind === "done")) refuse(toFailure(unknownToken()));
        },
      },
    );
    setHandler(
      updateNamed(SYSTEM.beat),
      (input, at = time.now()): void => {
        const { call, details } = decode(textOf(input)) as BeatCall;
        calls.beat(call, { at, details });
      },
      {
        validator: (input, _at) => {
          if (!isOpen(decode(textOf(input)) as BeatCall, false)) refuse(toFailure(unknownToken()));
        },
      },
    );
  }
}

/** An update with its input and, where time is held, the sender's instant. */
function updateNamed(name: string): UpdateDefinition<unknown, [unknown, number | undefined]> {
  return defineUpdate(name);
}

function refuse(failure: Failure | undefined): void {
  if (failure !== undefined) throw toRefusal(failure);
}

function notInDoubt(machine: TemporalMachine, key: string): HoldfastError {
  const { id } = machine.identity;
  return new HoldfastError(
    "HF-NOT-IN-DOUBT",
    `Cannot resolve ${key} of run "${id}": no call in doubt has this key. Only a call in doubt or in quarantine is resolved.`,
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}

function notDone(
  machine: TemporalMachine,
  call: number,
  { actor, reason }: { readonly actor: string; readonly reason: string },
): HoldfastError {
  const activity = machine.calls.get(call)?.command.activity ?? "";
  return new HoldfastError(
    "HF-RESOLVED-NOT-DONE",
    `Activity "${activity}" did not take effect, as ${actor} found: ${reason}`,
    { class: "state", disposition: "refused", outcome: "refused" },
  );
}

function unknownToken(): HoldfastError {
  return new HoldfastError(
    "HF-TOKEN-UNKNOWN",
    "Cannot use this token: no open call has it, or its call waits for a person, who resolves it.",
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}
