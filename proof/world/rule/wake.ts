// No open run sleeps for ever: a call that somebody works on, a timer that is set, a child that is open, a
// message that it can be sent, or a person who must decide.

import type { HistoryEntry } from "@holdfast/core";
import type { World } from "../world.ts";
import type { Play, PlayedRun } from "./play.ts";
import type { Broken } from "./rule.ts";

export async function wakeRule(world: World, play: Play): Promise<readonly Broken[]> {
  const broken: Broken[] = [];
  const latest = new Map(play.runs.map((played) => [played.run.id, played]));
  for (const played of latest.values()) {
    if (played.run.state.closedAt !== undefined || played.rows.length === 0) continue;
    for (const what of await reasonsMissing(world, play, played, latest))
      broken.push({ rule: "reason to wake", what: `run "${played.run.id}" ${what}` });
  }
  return broken;
}

async function reasonsMissing(
  world: World,
  { now }: Play,
  { run, effective }: PlayedRun,
  latest: ReadonlyMap<string, PlayedRun>,
): Promise<readonly string[]> {
  const { status, calls, wakeAt, problem } = await world.crashable.describe(run.id);
  if (status === "stuck") return [`is stuck: ${problem?.message ?? ""}`];
  const missing: string[] = [];
  if (wakeAt !== undefined && wakeAt <= now) missing.push(`has a timer overdue since ${wakeAt}`);
  const open = openIn(effective);
  for (const call of open.calls) {
    const pending = calls.find((one) => one.call === call);
    if (pending === undefined) missing.push(`has call ${call} that nobody works on`);
    else if (pending.nextAttemptAt !== undefined && pending.nextAttemptAt < now)
      missing.push(
        `has call ${call}, whose next attempt is overdue since ${pending.nextAttemptAt}`,
      );
  }
  for (const [child, id] of open.children) {
    if (latest.get(id)?.run.state.closedAt === undefined) continue;
    missing.push(`waits for child ${child}, "${id}", which has closed`);
  }
  const nothing = open.calls.size + open.children.size === 0 && wakeAt === undefined;
  if (nothing && !world.takesMessages(run.workflow)) missing.push("waits for nothing");
  return missing;
}

interface Open {
  readonly calls: Set<number>;
  /** Ids of open children by their numbers. */
  readonly children: Map<number, string>;
}

function openIn(entries: readonly HistoryEntry[]): Open {
  const open: Open = { calls: new Set(), children: new Map() };
  for (const entry of entries) {
    switch (entry.kind) {
      case "call":
        open.calls.add(entry.call);
        break;
      case "done":
      case "failed":
      case "call-cancelled":
        open.calls.delete(entry.call);
        break;
      case "child":
        open.children.set(entry.child, entry.id);
        break;
      case "child-done":
      case "child-failed":
      case "child-cancelled":
        open.children.delete(entry.child);
        break;
      default:
        break;
    }
  }
  return open;
}
