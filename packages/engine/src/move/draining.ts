// Whether the engine takes new starts, as its journal has it: what was decided once holds after a restart.

import { type Drained, HoldfastError } from "@holdfast/core";
import type { Machine } from "../run/machine.ts";
import type { Store } from "../store/store.ts";
import { staysFor } from "./leave.ts";

const NAME = "drained";

/** What a journal says; undefined where starts are taken. */
export function drainedIn(store: Pick<Store, "meta">): Drained | undefined {
  const text = store.meta(NAME);
  return text === undefined || text === "" ? undefined : (JSON.parse(text) as Drained);
}

/** Within a transaction. */
export function setDrained(store: Pick<Store, "setMeta">, drained: Drained | undefined): void {
  store.setMeta(NAME, drained === undefined ? "" : JSON.stringify(drained));
}

export class Draining {
  drained: Drained | undefined;
  /** Those that another engine has been asked to begin, known before it is on disk. */
  readonly sent = new Set<string>();

  readonly #isBehind: () => boolean;

  /** @param isBehind true while what the journal says may have been overtaken: it was restored */
  constructor(store: Store, isBehind: () => boolean) {
    this.drained = drainedIn(store);
    this.#isBehind = isBehind;
  }

  /** @throws HF-ENGINE-DRAINED where no run may begin */
  check(id: string, workflow: string): void {
    if (this.drained === undefined || this.drained.except.includes(workflow)) return;
    const { since, actor, reason } = this.drained;
    throw new HoldfastError(
      "HF-ENGINE-DRAINED",
      `Cannot start run "${id}": this engine takes no new starts since ${new Date(since).toISOString()} (${actor}: ${reason}). Start it where the project runs now, or undo it: holdfast engine drain --undo.`,
      { class: "state", disposition: "refused", outcome: "not-sent", details: { since } },
    );
  }

  /** Whether a run that has come to the end of a loop's pass goes on at another engine. */
  leaves(machine: Machine): boolean {
    const { drained } = this;
    if (drained?.move !== true || Object.hasOwn(drained.stay, machine.identity.id)) return false;
    return staysFor(machine).length === 0 && !this.#isBehind();
  }
}
