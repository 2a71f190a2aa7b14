// What must be gone when the runner ends, however it ends: peers, servers and folders.

const pending = new Set<() => unknown>();

process.once("exit", () => {
  // The last first: processes end before the folders they write to.
  for (const undo of [...pending].toReversed()) undo();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => process.exit(1));

/** Undoes it when disposed, or else when this process exits. It must be synchronous. */
export function atExit(undo: () => unknown): Disposable {
  pending.add(undo);
  return {
    [Symbol.dispose]() {
      if (pending.delete(undo)) undo();
    },
  };
}
