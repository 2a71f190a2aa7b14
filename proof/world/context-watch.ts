// Watches the contexts that workflows are given: those of runs that are gone from memory must be collected.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Workflow } from "@holdfast/core";
import type { Definition } from "@holdfast/engine";

export class ContextWatch {
  #contexts: WeakRef<object>[] = [];

  /** The same definitions; what their workflows are given is watched. */
  watch(definitions: readonly Definition[]): readonly Definition[] {
    return definitions.map((definition) =>
      definition.kind === "workflow" ? this.#watched(definition as Workflow) : definition,
    );
  }

  /** Contexts that are still held by somebody, once everything else was collected. */
  async held(): Promise<number> {
    // What a weak reference has shown lives until the event loop has turned.
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    collectGarbage();
    this.#contexts = this.#contexts.filter((context) => context.deref() !== undefined);
    return this.#contexts.length;
  }

  #watched(definition: Workflow): Workflow {
    return {
      ...definition,
      run: (context, input) => {
        this.#contexts.push(new WeakRef(context));
        return definition.run(context, input);
      },
    };
  }
}

let collect: (() => void) | undefined;

function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
}
