// What comes in: signals and updates become facts, queries and validators only look.

import type { Command, Fact, Workflow } from "@holdfast/core";
import {
  currentUpdateInfo,
  defineUpdate,
  setDefaultQueryHandler,
  setDefaultSignalHandler,
  setHandler,
} from "@temporalio/workflow";
import { toTemporal } from "./failure.ts";
import type { TemporalMachine } from "./machine.ts";
import { textOf, treeOf } from "./tree.ts";

type Answered = Command & { readonly kind: "update-done" | "update-failed" };
type Update = Fact & { readonly kind: "update" };

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Messages {
  readonly #machine: TemporalMachine;
  readonly #workflow: Workflow;
  readonly #tell: (fact: Fact) => void;
  readonly #updates = new Map<string, Waiting>();
  #signals = 0;

  constructor(machine: TemporalMachine, workflow: Workflow, tell: (fact: Fact) => void) {
    this.#machine = machine;
    this.#workflow = workflow;
    this.#tell = tell;
  }

  listen(): void {
    setDefaultSignalHandler((name, payload, given) => {
      this.#signals += 1;
      // One that Temporal's own tools have sent has no id: it is named by its place.
      const place = `${this.#machine.identity.runId}/${this.#signals}`;
      const id = typeof given === "string" ? given : place;
      this.#tell({ kind: "signal", name, payload: textOf(payload), id });
    });
    setDefaultQueryHandler((name) => treeOf(this.#machine.answer(name)));
    for (const name of Object.keys(this.#workflow.updates)) {
      setHandler(
        defineUpdate<unknown, [unknown]>(name),
        (input) => {
          const { promise, resolve, reject } = Promise.withResolvers<unknown>();
          const update = updateOf(name, input);
          this.#updates.set(update.id, { resolve, reject });
          this.#tell(update);
          return promise;
        },
        {
          validator: (input) => {
            const refusal = this.#machine.refusal(updateOf(name, input));
            if (refusal !== undefined) throw toTemporal(refusal);
          },
        },
      );
    }
  }

  answer(command: Answered): void {
    const waiting = this.#updates.get(command.id);
    this.#updates.delete(command.id);
    if (command.kind === "update-done") waiting?.resolve(treeOf(command.output));
    else waiting?.reject(toTemporal(command.failure));
  }
}

function updateOf(name: string, input: unknown): Update {
  return { kind: "update", name, input: textOf(input), id: currentUpdateInfo()?.id ?? name };
}
