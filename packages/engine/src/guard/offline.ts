// The guard's book where no process runs: read beside whoever owns it, or owned for as long as a halt takes. A kill
// switch that needs a living process is none.

import { type Guard, HoldfastError } from "@holdfast/core";
import { GuardDesk, carryOut } from "@holdfast/guard";
import { systemClock } from "../clock/system.ts";
import { lockJournal } from "../store/lock.ts";
import { type Store, openStore } from "../store/store.ts";

/** What of the guard a file alone can answer. */
export type ReadingGuard = Pick<Guard, "status" | "approvals" | "audit" | "verifyAudit">;

export function readingGuard(store: Store): ReadingGuard {
  return deskOn(store);
}

/** A journal whose process has stopped: nobody can start on it before what is asked for is on disk. */
export interface HaltableJournal extends Disposable {
  readonly guard: ReadingGuard & Pick<Guard, "halt" | "lift">;
}

/**
 * Opens the journal of a process that does not run.
 *
 * @throws HF-STATE-LOCKED, HF-STATE-NEWER, HF-STATE-FOREIGN
 * @example
 * using journal = openHaltable(".holdfast/journal.sqlite");
 * await journal.guard.halt({ scope: "project", actor: "ann", reason: "wrong prices" });
 */
export function openHaltable(path: string): HaltableJournal {
  using opened = new DisposableStack();
  opened.use(lockJournal(path));
  const store = opened.use(openStore(path, {}));
  const all = opened.move();
  return {
    guard: deskOn(store),
    [Symbol.dispose]() {
      all.dispose();
    },
  };
}

/** A desk without a session: what it writes is a transaction of its own. */
function deskOn(store: Store): GuardDesk {
  return new GuardDesk({
    policy: undefined,
    now: () => systemClock.now(),
    read: async (steps) => carryOut(steps(), store.guard),
    ask: async ({ steps }) => {
      let done: { readonly value: ReturnType<typeof carry> } | undefined;
      const carry = () => carryOut(steps(), store.guard);
      store.transaction(() => {
        done = { value: carry() };
      });
      if (done === undefined) throw new Error("A guard's procedure was not carried out.");
      return done.value;
    },
    answer: async () => {
      throw new HoldfastError(
        "HF-NOT-RUNNING",
        "Cannot answer an approval: no process runs that would go on with what waits for it.",
        { class: "state" },
      );
    },
  });
}
