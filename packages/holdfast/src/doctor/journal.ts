// What the journal says of itself: whether it can be read, what is damaged in it, and how its runs stand.

import { existsSync, statSync } from "node:fs";
import { STANDSTILLS, formatDuration, hasCode, toFailure } from "@holdfast/core";
import { type Examination, examineJournal } from "@holdfast/engine";
import { type Finding, fine, problem, warn } from "./finding.ts";
import { sizeOf } from "./machine.ts";

/** Undefined where there is none, or where it cannot be opened. */
export interface Journal {
  readonly examination: Examination | undefined;
  readonly findings: readonly Finding[];
}

export function checkJournalFile(path: string, now: number): Journal {
  let examination: Examination;
  try {
    examination = examineJournal(path);
  } catch (error) {
    const { message } = toFailure(error);
    const finding = hasCode(error, "HF-STATE-MISSING")
      ? fine("journal", "none yet")
      : hasCode(error, "HF-STATE-OLDER")
        ? warn("journal", message, "Back the state folder up, then start the project once.")
        : problem("journal", message, "Keep the file as it is; look at the disk, or upgrade.");
    return { examination: undefined, findings: [finding] };
  }
  return {
    examination,
    findings: [
      fine("journal", `format ${examination.format}, ${sizeOf(statSync(path).size)}`),
      checkLog(`${path}-wal`),
      checkFile(examination),
      ...checkRuns(examination),
      checkTime(examination, now),
      ...checkRestored(examination, now),
      ...checkStanding(examination),
      checkBreakers(examination),
    ],
  };
}

/** The log is begun again every MiB, unless a reader holds on to an old moment of it. */
const LOG_WARN = 64 * 1_024 * 1_024;

function checkLog(path: string): Finding {
  const bytes = existsSync(path) ? statSync(path).size : 0;
  if (bytes < LOG_WARN) return fine("write-ahead log", sizeOf(bytes));
  const advice = "Close programs that hold the journal open; a restart writes it back.";
  return warn("write-ahead log", sizeOf(bytes), advice);
}

const RESTORE =
  "Look at the disk, and restore a backup. What was done since is not in it, and is asked about before it is sent again.";

const LOOK_AT_DISK = "Look at the disk; nothing of this run goes on.";

function checkFile({ faults }: Examination): Finding {
  if (faults.length === 0) return fine("file structure", "sound, says SQLite");
  return problem("file structure", faults.join("; "), RESTORE);
}

function checkRuns({ damaged, statuses }: Examination): readonly Finding[] {
  const sound = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  if (damaged.length === 0) {
    return [fine("runs", `entries of ${sound} runs read, and each row is the fold of them`)];
  }
  return [
    ...damaged.map(({ id, message, isOpen }) =>
      isOpen
        ? problem("runs", `"${id}" is damaged: ${message}`, RESTORE)
        : warn("runs", `"${id}" has ended, and its past is damaged: ${message}`, LOOK_AT_DISK),
    ),
    fine("runs", `the other ${sound} are sound, and go on`),
  ];
}

/** A clock that differs by less is only corrected. */
const CLOCK_MS = 60_000;

function checkTime({ lastAt }: Examination, now: number): Finding {
  if (lastAt === undefined) return fine("clock", "nothing to compare with");
  const ahead = lastAt - now;
  if (ahead <= 0) return fine("clock", "after the journal's last entry");
  const says = `the journal's last entry is ${formatDuration(ahead)} in the future`;
  const advice = "Set the machine's clock: timers and the age of keys follow it.";
  return ahead > CLOCK_MS ? problem("clock", says, advice) : warn("clock", says, advice);
}

function checkRestored({ restored }: Examination, now: number): readonly Finding[] {
  if (restored === undefined) return [];
  const when = new Date(restored.at).toISOString();
  const says = `restored or copied, noticed ${when}; ${formatDuration(restored.at - restored.from)} are not in it`;
  if (now >= restored.until) return [fine("restored", says)];
  const advice = `Until ${new Date(restored.until).toISOString()} the venue is asked before money is sent. See HF-RESTORED.`;
  return [warn("restored", says, advice)];
}

/** A venue that is let alone: calls wait. */
function checkBreakers({ breakers }: Examination): Finding {
  const open = breakers.filter(({ mode }) => mode !== "closed");
  if (open.length === 0) return fine("breakers", "none is open");
  const says = open.map(({ name, mode, forced }) => {
    const by = forced === undefined ? "" : `, held by ${forced.actor}: ${forced.reason}`;
    return `${name} is ${mode}${by}`;
  });
  return warn("breakers", says.join("; "), "Calls wait there: holdfast breakers.");
}

function checkStanding({ statuses, deadLetters }: Examination): readonly Finding[] {
  const open = (["running", "closing", ...STANDSTILLS, "stuck"] as const).map(
    (status) => [status, statuses[status] ?? 0] as const,
  );
  const total = open.reduce((sum, [, count]) => sum + count, 0);
  const parts = open
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  const says = total === 0 ? "none" : parts.join(", ");
  const waiting = open.some(([status, count]) => count > 0 && ADVICE[status] !== undefined);
  const advice = open.flatMap(([status, count]) => (count > 0 ? (ADVICE[status] ?? []) : []));
  return [
    waiting ? warn("open runs", says, advice.join(" ")) : fine("open runs", says),
    deadLetters === 0
      ? fine("dead letters", "none")
      : warn("dead letters", String(deadLetters), "See them: holdfast dead list."),
  ];
}

const ADVICE: Readonly<Record<string, string>> = {
  "in-doubt": "Look at the venue, then: holdfast resolve.",
  quarantined: "Look at what its call does to the process, then: holdfast resolve.",
  "awaiting-approval": "Answer it: holdfast approvals.",
  stuck: "Deploy code that fits: holdfast check.",
};
