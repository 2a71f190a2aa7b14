// Opens each resource once per account, at first use, and closes all of them with the engine.

import { HoldfastError, type Provided, type Resource } from "@holdfast/core";

export interface Resources {
  raw(resource: Resource, account: string): unknown;
  close(): Promise<void>;
}

export function openResources(provided: readonly Provided[]): Resources {
  const byName = new Map(provided.map((found) => [found.resource.name, found]));
  const opened = new Map<string, unknown>();
  return {
    raw(resource, account) {
      const found = byName.get(resource.name);
      if (found === undefined) {
        throw new HoldfastError(
          "HF-RESOURCE-MISSING",
          `Cannot use resource "${resource.name}": nothing provides it. Pass provide(${resource.name}, …) to the engine.`,
          { disposition: "terminal", outcome: "not-sent" },
        );
      }
      const name = `${account}\n${resource.name}`;
      if (!opened.has(name)) opened.set(name, found.open(account));
      return opened.get(name);
    },
    async close() {
      for (const value of opened.values()) {
        if (typeof value !== "object" || value === null) continue;
        if (Symbol.asyncDispose in value) await (value as AsyncDisposable)[Symbol.asyncDispose]();
        else if (Symbol.dispose in value) (value as Disposable)[Symbol.dispose]();
      }
    },
  };
}
