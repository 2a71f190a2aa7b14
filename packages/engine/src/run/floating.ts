// Rejections that nobody handles, in the code of workflows: a bug of that code, which must park its run and
// not end the process. Each run's code carries its run with it, so that the rejection finds its owner.

import { AsyncLocalStorage } from "node:async_hooks";

/** Whoever owns the code that is running. */
export interface Owner {
  onFloating(reason: unknown): void;
}

const owners = new AsyncLocalStorage<Owner>();

/** Runs code that belongs to an owner; what it awaits later belongs to it too. */
export function ownedBy<Value>(owner: Owner, body: () => Value): Value {
  return owners.run(owner, body);
}

let watchers = 0;

/** Sends floating rejections to their owners while any engine is open. */
export function watchFloating(): Disposable {
  if (watchers === 0) process.on("unhandledRejection", onRejection);
  watchers += 1;
  return {
    [Symbol.dispose]() {
      watchers -= 1;
      if (watchers === 0) process.off("unhandledRejection", onRejection);
    },
  };
}

function onRejection(reason: unknown): void {
  const owner = owners.getStore();
  if (owner !== undefined) owner.onFloating(reason);
  // It is somebody else's: without other listeners Node would have ended the process, and still does.
  else if (process.listenerCount("unhandledRejection") === 1) throw reason;
}
