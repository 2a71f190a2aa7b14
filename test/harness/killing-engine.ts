// An engine that takes runs over and kills its process at a named point of that.

import type { EngineFactory } from "@holdfast/core";

/** @param point "begin.before", "begin.after", or nothing */
export function killing(factory: EngineFactory, point: string): EngineFactory {
  const dieAt = (at: string): void => {
    if (at === point) process.kill(process.pid, "SIGKILL");
  };
  return {
    ...factory,
    async receive(request) {
      const receiver = await factory.receive?.(request);
      if (receiver === undefined) throw new Error("It takes no runs over.");
      return {
        name: receiver.name,
        refusals: (namespace) => receiver.refusals(namespace),
        refusalsOf: (run) => receiver.refusalsOf(run),
        adopt: (intents) => receiver.adopt(intents),
        adoptBook: (book) => receiver.adoptBook(book),
        async begin(run) {
          dieAt("begin.before");
          const begun = await receiver.begin(run);
          dieAt("begin.after");
          return begun;
        },
        [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
      };
    },
  };
}
