// What an export remembers while it goes through a journal: the ids of events that later ones refer to, the
// run's tags and memo as they stand, and what had no counterpart.

import type { Command } from "@holdfast/core";
import type { RunIdentity } from "../run/identity.ts";
import { Notes } from "../run/notes.ts";
import { EventLog } from "./event-log.ts";

export type CommandOf<Kind extends Command["kind"]> = Command & { readonly kind: Kind };

/** Who did it, where Temporal wants a name. */
export const IDENTITY = "holdfast";
/** Temporal's own, not ours. */
export const NAMESPACE = "default";
export const TASK_QUEUE: object = { name: "holdfast", kind: "TASK_QUEUE_KIND_NORMAL" };

/** Temporal counts from one. */
export function ordinalId(number: number): string {
  return String(number + 1);
}

export class Exporter {
  readonly run: RunIdentity;
  readonly log: EventLog = new EventLog();
  readonly own: Notes = new Notes();
  /** Ids of the events in which calls, timers, children and messages began, by their number. */
  readonly calls = new Map<
    number,
    { readonly command: CommandOf<"call">; readonly event: string }
  >();
  readonly timers = new Map<number, string>();
  readonly children = new Map<
    number,
    {
      readonly command: CommandOf<"child">;
      readonly event: string;
      started: string | undefined;
      runId: string;
    }
  >();
  readonly sends = new Map<
    number,
    { readonly command: CommandOf<"send">; readonly event: string }
  >();
  /** Ids of the events in which updates were accepted, by the update's id. */
  readonly updates = new Map<string, string>();
  /** Requests to children to cancel that nothing has answered in the history yet. */
  readonly asked: { readonly event: string; readonly to: string }[] = [];
  /** Id of the event that completed the present workflow task. */
  task = "";
  readonly notes: string[] = [];

  constructor(run: RunIdentity) {
    this.run = run;
  }
}
