// What was seen outside: acknowledged, told. It must be there still, once.

import type { World } from "../world.ts";
import type { Play } from "./play.ts";
import type { Broken } from "./rule.ts";

export function seenRules(world: World, play: Play): readonly Broken[] {
  return [
    ...onTheWay(world),
    ...acknowledged(world, play),
    ...deliveredOnce(play),
    ...told(world, play),
    ...answered(world, play),
  ];
}

/** What was wrong at the moment at which it was seen. */
function onTheWay({ observed }: World): readonly Broken[] {
  return observed.wrong;
}

function* acknowledged({ observed }: World, { runs }: Play): Iterable<Broken> {
  const delivered = new Set<string>();
  for (const { entries } of runs)
    for (const entry of entries)
      if (entry.kind === "signal" || entry.kind === "update") delivered.add(entry.id);
  for (const { kind, id, requestId, runId } of observed.acknowledged) {
    const isThere =
      kind === "start"
        ? runs.some(({ run }) => run.id === id && run.runId === runId)
        : kind === "signal" || kind === "update"
          ? delivered.has(requestId)
          : true;
    if (!isThere) {
      const what = `${kind} ${requestId} of run "${id}" was acknowledged and is not in its journal`;
      yield { rule: "acknowledged once", what };
    }
  }
}

function* deliveredOnce({ runs }: Play): Iterable<Broken> {
  const starts = new Map<string, number>();
  const messages = new Map<string, number>();
  for (const { run, effective } of runs) {
    if (run.generation === 0 && run.parent === undefined) {
      const name = `start ${run.request} of run "${run.id}"`;
      starts.set(name, (starts.get(name) ?? 0) + 1);
    }
    for (const entry of effective) {
      if (entry.kind !== "signal" && entry.kind !== "update") continue;
      const name = `${entry.kind} ${entry.id} to run "${run.id}"`;
      messages.set(name, (messages.get(name) ?? 0) + 1);
    }
  }
  for (const [name, times] of [...starts, ...messages])
    if (times > 1)
      yield { rule: "acknowledged once", what: `${name} was delivered ${times} times` };
}

function* told({ observed }: World, { runs }: Play): Iterable<Broken> {
  for (const { id, result } of observed.told) {
    const isThere = runs.some(
      ({ run, entries }) =>
        run.id === id &&
        entries.some((entry) =>
          result.kind === "completed"
            ? entry.kind === "completed" && entry.output === result.output
            : entry.kind === "run-failed" ||
              entry.kind === "cancelled" ||
              entry.kind === "terminated",
        ),
    );
    if (isThere) continue;
    const what = `run "${id}" was told to have ${result.kind}, and no journal of it says so`;
    yield { rule: "told result", what };
  }
}

/** An update has one answer: what was told stands in the journal, unless its run closed over it. */
function* answered({ observed }: World, { runs }: Play): Iterable<Broken> {
  for (const { id, requestId, result } of observed.answered) {
    if (result.kind === "failed" && result.failure.code === "HF-RUN-CLOSED") continue;
    const isThere = runs.some(({ entries }) =>
      entries.some((entry) =>
        result.kind === "done"
          ? entry.kind === "update-done" && entry.id === requestId && entry.output === result.output
          : entry.kind === "update-failed" && entry.id === requestId,
      ),
    );
    if (isThere) continue;
    const what = `update ${requestId} of run "${id}" was told to be ${result.kind}, and no journal says so`;
    yield { rule: "told result", what };
  }
}
