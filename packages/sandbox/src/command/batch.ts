// Group commit: writes that arrive in one turn of the event loop are carried out in one transaction, in the
// order in which they came, and share one commit. Nobody is answered before it; the error of one undoes only
// its own. While the clock stands still each is carried out at once: whoever moves the clock then knows what
// happened at which instant.

import type { VenueClock } from "../clock/clock.ts";
import type { Command, Sender } from "./command.ts";
import type { Executed, Executor } from "./executor.ts";

/** Writes in one transaction, at most: the rest waits for the next turn. */
export const BATCH_WRITES_MAX = 256;

interface Queued {
  readonly command: Command;
  readonly sender: Sender;
  readonly resolve: (executed: Executed) => void;
  readonly reject: (error: unknown) => void;
}

export interface Batch {
  /** Resolves when the write is on disk. @throws what carrying it out, or the commit, has thrown */
  submit(command: Command, sender: Sender): Promise<Executed>;
  /** Gives up what is queued: it is not carried out. */
  close(): void;
}

export function createBatch(
  executor: Pick<Executor, "executeAll" | "execute">,
  clock: Pick<VenueClock, "mode">,
): Batch {
  let queue: Queued[] = [];
  let scheduled = false;
  let closed = false;

  function schedule(): void {
    if (scheduled || queue.length === 0) return;
    scheduled = true;
    setImmediate(flush);
  }

  function flush(): void {
    scheduled = false;
    const writes = queue.slice(0, BATCH_WRITES_MAX);
    queue = queue.slice(BATCH_WRITES_MAX);
    schedule();
    if (writes.length > 0) settle(writes, executor);
  }

  return {
    async submit(command, sender) {
      if (closed) throw closedError();
      if (clock.mode === "frozen" && queue.length === 0) return executor.execute(command, sender);
      const { promise, resolve, reject } = Promise.withResolvers<Executed>();
      queue.push({ command, sender, resolve, reject });
      schedule();
      return promise;
    },
    close() {
      closed = true;
      for (const { reject } of queue) reject(closedError());
      queue = [];
    },
  };
}

function settle(writes: readonly Queued[], executor: Pick<Executor, "executeAll">): void {
  try {
    const ends = executor.executeAll(writes);
    for (const [index, { resolve, reject }] of writes.entries()) {
      const end = ends[index];
      if (end?.status === "fulfilled") resolve(end.value);
      else reject(end?.reason);
    }
  } catch (error) {
    // Nothing of it was committed.
    for (const { reject } of writes) reject(error);
  }
}

function closedError(): Error {
  return new Error("The venue is closed.");
}
