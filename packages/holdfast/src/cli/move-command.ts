// `engine move`: runs leave the embedded engine and go on at the one that the configuration names. May be killed at
// any line, and goes on where it was when it is called again.

import { userInfo } from "node:os";
import { resolve } from "node:path";
import { type Clock, type DrainReport, HoldfastError } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { accountsOf } from "../config/config.ts";
import { type Project, loadProject } from "../config/load.ts";
import { belongingOf, readBelonging } from "../host/belonging.ts";
import { hostedWorkflows } from "../host/definitions.ts";
import { bringKnown, letLeave, moveLeft } from "../move/move.ts";
import { openSource } from "../move/source.ts";
import { clean } from "../terminal/text.ts";
import { sayReport, shown } from "./drain-command.ts";
import { leave, say, sayJson } from "./print.ts";
import { onStop } from "./stop.ts";

export interface MoveCommandOptions {
  readonly config?: string;
  readonly from?: string;
  readonly follow?: boolean;
  readonly for?: string;
  readonly json?: boolean;
  readonly reason: string;
  readonly actor?: string;
}

/** How often it is looked whether more runs have left, in milliseconds. */
const LOOK_MS = 1_000;

export async function moveCommand(options: MoveCommandOptions): Promise<void> {
  const { json = false, follow = false, reason, actor = userInfo().username } = options;
  const project = await loadProject({ folder: process.cwd(), file: options.config });
  const from = options.from === undefined ? project.stateFolder : resolve(options.from);
  checkVenue(project, from);
  await using receiver = await receiverOf(project);
  using source = await openSource(from);
  using stop = onStop({
    clock: systemClock,
    duration: options.for,
    force: () => process.exit(130),
  });
  await letLeave(source, receiver, { actor, reason });
  let isPartial = false;
  let report: DrainReport;
  for (;;) {
    const { leaving } = await source.report();
    const moved = await moveLeft(source, receiver, leaving);
    for (const { id, error } of moved) {
      isPartial ||= error !== undefined;
      if (!json) say(clean(error ?? `Moved ${id} to ${receiver.name}.`));
    }
    report = await source.report();
    const isOver = report.total === 0 && report.leaving.length === 0;
    if (!follow || isOver || isPartial || stop.signal.aborted) break;
    await soon(systemClock, stop.signal);
  }
  // What those that stayed have done meanwhile counts there, too.
  if (follow) await bringKnown(source, receiver);
  if (json) sayJson(shown(report));
  else sayReport(report);
  if (isPartial) process.exitCode = 1;
  await leave();
}

async function receiverOf({ config, file, stateFolder }: Project) {
  const { engine } = config;
  if (engine?.receive === undefined) {
    throw new HoldfastError(
      "HF-MOVE-NOWHERE",
      `Cannot move runs: ${file ?? "the configuration"} names no engine that takes them over. Name one with --config, in which: engine: temporal({ … }).`,
      { class: "data", disposition: "refused", outcome: "not-sent" },
    );
  }
  return engine.receive({
    workflows: hostedWorkflows(config),
    accounts: accountsOf(config),
    stateFolder,
    clock: systemClock,
  });
}

/** Runs of one venue never go on at another. */
function checkVenue({ config, stateFolder }: Project, from: string): void {
  const kept = readBelonging({ path: from });
  const wanted = belongingOf(config.venue);
  const isSame = kept === undefined || (kept.mode === wanted.mode && kept.url === wanted.url);
  // A paper venue that lies in the folder is that folder's own.
  if (isSame && (wanted.url !== "paper" || from === stateFolder)) return;
  throw new HoldfastError(
    "HF-VENUE-MISMATCH",
    `Cannot move the runs of ${from}: they belong to another venue than the one that the configuration names.`,
    { class: "state", details: { before: kept, now: wanted } },
  );
}

async function soon(clock: Clock, signal: AbortSignal): Promise<void> {
  await new Promise<void>((done) => {
    const timer = clock.setTimer(clock.now() + LOOK_MS, done);
    signal.addEventListener("abort", () => {
      timer.cancel();
      done();
    });
  });
}
