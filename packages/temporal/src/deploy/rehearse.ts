// Code before it is given work: it replays what was recorded and what is open, and is refused where it does not do
// what they say. A run that stands still already keeps no worker from the others.

import { HoldfastError, type Log } from "@holdfast/core";
import type { WorkflowBundleWithSourceMap } from "@temporalio/worker";
import { findAt } from "../client/look.ts";
import type { Client } from "../client/part.ts";
import { type Recorded, replayEach } from "../replay.ts";
import { type OpenRuns, type Sample, openAtServer, recordedIn, workflowIn } from "./histories.ts";

/** Runs that an error names, at most. */
const NAMED_MAX = 10;

interface RehearsalRequest extends Omit<OpenRuns, "onLeft"> {
  readonly bundle: WorkflowBundleWithSourceMap;
  /** Folder of recorded histories. */
  readonly folder: string | undefined;
  readonly log: Log;
}

interface Misfit {
  readonly sample: Sample;
  readonly problem: string;
}

/** @throws HF-DEPLOY-MISFIT, HF-HISTORY-UNREADABLE */
export async function rehearse(request: RehearsalRequest): Promise<void> {
  const { bundle, folder, log, client } = request;
  const onLeft = (count: number): void => {
    log.info(`${count} open runs were not replayed: their histories are too large together.`);
  };
  const recorded = folder === undefined ? [] : [...recordedIn(folder)];
  const misfits = await misfitsIn(bundle, [recorded, openAtServer({ ...request, onLeft })]);
  const refused: Misfit[] = [];
  for (const misfit of misfits) {
    if (await standsAlready(client, misfit.sample)) {
      log.warn(`The code does not fit run ${lineOf(misfit)} It stands still, as before.`);
    } else refused.push(misfit);
  }
  if (refused.length > 0) throw misfitting(refused);
}

async function misfitsIn(
  bundle: WorkflowBundleWithSourceMap,
  sources: readonly (Iterable<Sample> | AsyncIterable<Sample>)[],
): Promise<readonly Misfit[]> {
  const replaying: Sample[] = [];
  async function* samples(): AsyncIterable<Recorded> {
    for (const source of sources) {
      for await (const sample of source) {
        replaying.push(sample);
        yield sample;
      }
    }
  }
  const misfits: Misfit[] = [];
  let index = 0;
  for await (const { problem } of replayEach(bundle, samples())) {
    const sample = replaying[index];
    index += 1;
    if (sample === undefined || problem === undefined) continue;
    misfits.push({ sample, problem: sidesOf(problem) });
  }
  return misfits;
}

/** What the history has and what the code gives, without what the SDK says around it. */
function sidesOf({ message }: Error): string {
  const found = /Details: (?:\[TMPRL\d+\] )?(?:Nondeterminism error: )?([\s\S]*)$/u.exec(message);
  return found?.[1] ?? message;
}

/** True of a run whose task has failed already: other code, too, did not fit it. */
async function standsAlready({ server }: Client, { id, from }: Sample): Promise<boolean> {
  if (from !== "open at the server") return false;
  const described = await findAt(server, id);
  return (described?.pendingWorkflowTask?.attempt ?? 0) > 1;
}

function lineOf({ sample, problem }: Misfit): string {
  return `"${sample.id}" (${workflowIn(sample)}, ${sample.from}): ${problem}`;
}

function misfitting(misfits: readonly Misfit[]): HoldfastError {
  const lines = misfits.slice(0, NAMED_MAX).map((misfit) => `\n  ${lineOf(misfit)}`);
  const more = misfits.length - lines.length;
  return new HoldfastError(
    "HF-DEPLOY-MISFIT",
    `Cannot give work to this code: it does not do what these histories say.${lines.join("")}${more > 0 ? `\n  and ${more} more` : ""}\nDeploy code that fits, keep the old way behind ctx.patched, or serve old and new side by side with versioning.`,
    {
      class: "logic",
      disposition: "terminal",
      outcome: "not-sent",
      details: { runs: misfits.map(({ sample }) => sample.id) },
    },
  );
}
