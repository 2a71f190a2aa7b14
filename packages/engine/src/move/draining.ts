// Whether the engine takes new starts, as its journal has it: what was decided once holds after a restart.

import { type DrainRequest, type Drained, HoldfastError, type MovingRequest } from "@holdfast/core";
import type { Machine } from "../run/machine.ts";
import type { LeavingRow } from "../store/leaving.ts";
import type { Store } from "../store/store.ts";
import { staysFor } from "./leave.ts";

const NAME = "drained";

/** What a journal says; undefined where starts are taken. */
export function drainedIn(store: Pick<Store, "meta">): Drained | undefined {
  const text = store.meta(NAME);
  return text === undefined || text === "" ? undefined : (JSON.parse(text) as Drained);
}

/** What a request makes of what was so far: repeated, it keeps since when. */
export function drainedBy(
  { on, move = false, stay = {}, except = [], actor, reason }: DrainRequest,
  { before, at }: { readonly before: Drained | undefined; readonly at: number },
): Drained | undefined {
  return on ? { since: before?.since ?? at, move, stay, except, actor, reason } : undefined;
}

/** Writes it down, and who decided it. Within a transaction. */
export function writeDrained(
  store: Pick<Store, "setMeta" | "audit">,
  drained: Drained | undefined,
  { at, actor, reason }: Pick<DrainRequest, "actor" | "reason"> & { readonly at: number },
): void {
  store.setMeta(NAME, drained === undefined ? "" : JSON.stringify(drained));
  const action = drained === undefined ? "undo drain" : drained.move ? "move" : "drain";
  store.audit({ at, action, actor, reason, subject: "engine" });
}

/** Writes down how far a run that has left has come. Within a transaction. */
export function writeMoving(
  store: Pick<Store, "leaving" | "audit">,
  { row, ...left }: LeavingRow,
  { step, at }: { readonly step: MovingRequest["step"]; readonly at: number },
): void {
  if (step === "sent") {
    store.leaving.put(row, { ...left, step });
    return;
  }
  store.leaving.drop(row);
  const reason = `generation ${left.generation} has begun elsewhere`;
  store.audit({ at, action: "moved", actor: "engine", subject: left.id, reason });
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
