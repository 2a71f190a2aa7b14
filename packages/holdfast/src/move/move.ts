// Moves runs from the embedded engine to another one. A run is closed here before it begins there, so that never two
// of it act; what is known of its effects is there before it is. Each step is on disk before the next, and may be
// repeated: see docs/decisions/0014.

import {
  type DrainReport,
  HoldfastError,
  type LeavingRun,
  type Receiver,
  type StayingRun,
  toFailure,
} from "@holdfast/core";
import type { MoveSource } from "./source.ts";

interface Decision {
  readonly actor: string;
  readonly reason: string;
}

/** @throws HF-MOVE-REFUSED where the other engine cannot take over any run of this one */
async function assertMovable({ namespace }: DrainReport, receiver: Receiver): Promise<void> {
  const why = await receiver.refusals(namespace);
  if (why.length === 0) return;
  throw new HoldfastError(
    "HF-MOVE-REFUSED",
    `Cannot move runs to ${receiver.name}: ${why.join("; ")}.`,
    { class: "state", disposition: "refused", outcome: "not-sent", details: { reasons: why } },
  );
}

/** Lets runs leave from here on, but for those that the other engine cannot take. */
export async function letLeave(
  source: MoveSource,
  receiver: Receiver,
  decision: Decision,
): Promise<void> {
  const report = await source.report();
  await assertMovable(report, receiver);
  await bringKnown(source, receiver);
  const stay: Record<string, string> = {};
  for (const run of report.open) {
    const why = await receiver.refusalsOf(run);
    if (why.length > 0) stay[run.id] = why.join("; ");
  }
  await source.drain({ on: true, move: true, stay, ...decision });
}

interface Moved {
  readonly id: string;
  /** Its run id at the other engine; absent where it could not begin there yet. */
  readonly runId?: string | undefined;
  readonly error?: string | undefined;
}

/** Begins at the other engine what has left. What cannot begin stays as it is, and is tried again the next time. */
export async function moveLeft(
  source: MoveSource,
  receiver: Receiver,
  leaving: readonly LeavingRun[],
): Promise<readonly Moved[]> {
  const moved: Moved[] = [];
  for (const run of leaving) {
    try {
      moved.push({ id: run.id, runId: await moveOne(source, receiver, run) });
    } catch (error) {
      const { code, message, disposition } = toFailure(error);
      if (disposition !== "refused") throw error;
      moved.push({ id: run.id, error: `${message} (${code})` });
    }
  }
  return moved;
}

async function moveOne(source: MoveSource, receiver: Receiver, run: LeavingRun): Promise<string> {
  const { id, runId } = run;
  const why = await receiver.refusalsOf(run);
  if (why.length > 0) {
    throw new HoldfastError(
      "HF-MOVE-REFUSED",
      `Cannot move run "${id}" to ${receiver.name}: ${why.join("; ")}. It waits; mend that and move it again, or take it back: holdfast engine drain --undo.`,
      { class: "state", disposition: "refused", outcome: "not-sent", details: { reasons: why } },
    );
  }
  await bringKnown(source, receiver, id);
  await source.moving({ runId, step: "sent" });
  const begun = await receiver.begin(run);
  await source.moving({ runId, step: "begun" });
  return begun;
}

/**
 * What is known here is there before a run is: first who is halted and what was spent, then what became of each
 * effect. Of all runs, or of one.
 */
export async function bringKnown(
  source: MoveSource,
  receiver: Receiver,
  run?: string,
): Promise<void> {
  for (let after: string | undefined; ;) {
    const book = await source.book({ run, after });
    await receiver.adoptBook(book);
    if (book.after === undefined) break;
    ({ after } = book);
  }
  for (let after: string | undefined; ;) {
    const page = await source.intents({ run, after });
    if (page.intents.length > 0) await receiver.adopt(page.intents);
    if (page.after === undefined) return;
    ({ after } = page);
  }
}

/** Whether a run leaves at the end of its loop's pass. */
export function leaves({ drained }: DrainReport, { stays }: StayingRun): boolean {
  return drained?.move === true && stays.length === 0;
}
