// Tells people what the guard does: modes that are on, budgets that are nearly spent, approvals that wait. Each is an
// episode of its own, over when it is not so any more.

import { hash } from "node:crypto";
import {
  type ApprovalRow,
  type BudgetStatus,
  type Guard,
  type ModeRow,
  formatUsdc,
} from "@holdfast/core";
import { TEXT_MAX, TITLE_MAX } from "@holdfast/notify";
import { commandLine, plainApproval, shareOf } from "../control/guard-plain.ts";
import { placeOfLink } from "./approval-link.ts";
import type { EpisodeSource, Wanted } from "./episodes.ts";

/** Shares of a budget that are told. With fees and margins hardly any is spent to the last unit. */
const SHARES = [
  { share: 0.8, says: "80 % are spent", level: "warning" },
  { share: 0.99, says: "it is spent", level: "critical" },
] as const;
/** Longer ids are told by their digest. */
const ID_BYTES = 180;

/** @param guard of the engine, once it is open; undefined where it has none */
export function guardSources(guard: () => Guard | undefined): readonly EpisodeSource[] {
  const source = (
    kind: string,
    over: string,
    read: (guard: Guard) => Promise<readonly (readonly [string, Wanted])[]>,
  ): EpisodeSource => {
    const prefix = `notify/${kind}/`;
    return {
      prefix,
      over,
      async read() {
        const open = guard();
        if (open === undefined) return { wanted: new Map(), isWhole: false };
        const wanted = await read(open);
        return {
          wanted: new Map(wanted.map(([name, notice]) => [idOf(prefix, name), notice])),
          isWhole: true,
        };
      },
    };
  };
  return [
    source("mode", "It is over.", async (open) => (await open.status()).modes.map(modeNotice)),
    source("budget", "There is room again.", async (open) =>
      (await open.status()).budgets.flatMap(budgetNotices),
    ),
    source("approval", "Nobody waits for an answer any more.", async (open) =>
      (await open.status()).approvals.map(approvalNotice),
    ),
  ];
}

function modeNotice(row: ModeRow): readonly [string, Wanted] {
  const { scope, cause, mode, reason, actor, since } = row;
  const level = mode === "HALTED" ? "critical" : "warning";
  const title = `${scope} is ${mode}`;
  const text = `${cause}: ${reason}\nSince ${instant(since)}, by ${actor}.\n\nSee it: holdfast guard`;
  return [`${scope}/${cause}/${mode}/${since}`, notice(level, title, text)];
}

/** Once for each share in each span. */
function budgetNotices(budget: BudgetStatus): readonly (readonly [string, Wanted])[] {
  const { name, value, spent, limit, until } = budget;
  const end = until === undefined ? "It never begins anew." : `Until ${instant(until)}.`;
  const text = `${formatUsdc(spent)} of ${formatUsdc(limit)} USDC are spent or reserved. ${end}\n\nSee it: holdfast guard`;
  return SHARES.filter(({ share }) => shareOf(spent, limit) >= share).map(
    ({ share, says, level }) => {
      const title = `Budget ${name} of ${value}: ${says}`;
      return [`${name}/${value}/${until ?? "ever"}/${share * 100}`, notice(level, title, text)];
    },
  );
}

function approvalNotice(row: ApprovalRow): readonly [string, Wanted] {
  const { command } = plainApproval(row);
  const title = `Approve ${row.ref}: ${command.operation}, at most ${command.amount} USDC?`;
  const text = `${row.why}.\n${commandLine(command)}, account ${row.account}, run ${row.run}. Until ${instant(row.expiresAt)}.\n\n${placeOfLink(row)}\nor: holdfast approve ${row.id}`;
  return [row.id, notice("critical", title, text)];
}

function notice(level: Wanted["level"], title: string, text: string): Wanted {
  return {
    level,
    title: title.slice(0, TITLE_MAX).toWellFormed(),
    text: text.slice(0, TEXT_MAX).toWellFormed(),
  };
}

function idOf(prefix: string, name: string): string {
  const id = prefix + name.replaceAll(/\s/gu, "_");
  return Buffer.byteLength(id) <= ID_BYTES ? id : prefix + hash("sha256", name);
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
