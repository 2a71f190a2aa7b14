// Runs a callback once all promise reactions have run, without a trip through the event loop. Node empties
// the microtask queue before it takes the next tick, and a tick queued by a microtask comes after the whole
// queue: so the callback sees a world in which nothing more can happen by itself.

const settled = Promise.resolve();

/**
 * Makes what is called again and again: each time `callback` runs after every promise reaction that follows from the
 * caller, and nothing early.
 */
export function afterReactions(callback: () => void): () => void {
  const tick = (): void => {
    process.nextTick(callback);
  };
  // A reaction, because `queueMicrotask` makes a resource for each of its callbacks.
  return () => {
    void settled.then(tick);
  };
}

/** The same as a promise; what awaits it continues before anything else happens. */
export function drained(): Promise<void> {
  return new Promise((resolve) => {
    afterReactions(resolve)();
  });
}
