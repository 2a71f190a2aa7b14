// The journal of a process that has stopped, for whoever moves its runs elsewhere: owned for as long as it is open,
// so that nobody goes on with a run meanwhile. It needs no definitions, and brings no run on.

import {
  type DrainReport,
  type DrainRequest,
  HoldfastError,
  type MovedBook,
  type MovingRequest,
} from "@holdfast/core";
import { systemClock } from "../clock/system.ts";
import { lockJournal } from "../store/lock.ts";
import { openStore } from "../store/store.ts";
import { drainedBy, drainedIn, writeDrained, writeMoving } from "./draining.ts";
import { type MovedFilter, type MovedPage, movedBookOf, movedIntents } from "./intents.ts";
import { drainReport } from "./report.ts";

export interface MovableJournal extends Disposable {
  report(): Promise<DrainReport>;
  intents(filter: MovedFilter): MovedPage;
  book(filter: MovedFilter): MovedBook;
  drain(request: DrainRequest): void;
  moving(request: MovingRequest): void;
}

/**
 * Opens the journal of a process that does not run.
 *
 * @throws HF-STATE-LOCKED, HF-STATE-NEWER, HF-STATE-FOREIGN
 */
export function openMovable(path: string): MovableJournal {
  using opened = new DisposableStack();
  opened.use(lockJournal(path));
  const store = opened.use(openStore(path, {}));
  const all = opened.move();
  const now = (): number => systemClock.now();
  return {
    report: () => drainReport(store, now(), async () => undefined),
    intents: (filter) => movedIntents(store, filter),
    book: (filter) => movedBookOf(store, filter),
    drain(request) {
      const waiting = store.leaving.all().filter(({ step }) => step === "waiting");
      if (!request.on && waiting.length > 0) throw mustRun(waiting.map(({ id }) => id));
      const at = now();
      const drained = drainedBy(request, { before: drainedIn(store), at });
      store.transaction(() => {
        writeDrained(store, drained, { ...request, at });
      });
    },
    moving({ runId, step }) {
      const found = store.leaving.find(runId);
      if (found === undefined) return;
      store.transaction(() => {
        writeMoving(store, found, { step, at: now() });
      });
    },
    [Symbol.dispose]() {
      all.dispose();
    },
  };
}

function mustRun(ids: readonly string[]): HoldfastError {
  return new HoldfastError(
    "HF-NOT-RUNNING",
    `Cannot take back ${ids.join(", ")}: only the engine itself goes on with runs. Start it (holdfast serve), and undo it then.`,
    { class: "state" },
  );
}
