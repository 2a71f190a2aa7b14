// `guard`: how the guard stands, in tables for people; on a terminal with a bar for each budget.

import colors from "picocolors";
import { type PlainApproval, type PlainStatus, commandLine } from "../control/guard-plain.ts";
import { clean } from "../terminal/text.ts";
import { say, sayJson, table } from "./print.ts";
import { type Common, connectToLook } from "./running.ts";

/** Signs of a bar. */
const BAR = 20;

export async function guardCommand(options: Common): Promise<void> {
  const control = await connectToLook(options);
  const status = (await control.get("/api/guard")) as unknown as PlainStatus;
  if (options.json === true) {
    sayJson(status);
    return;
  }
  sayPolicy(status);
  sayModes(status);
  sayBudgets(status);
  sayEquity(status);
  sayApprovals(status.approvals);
  const { position, hash } = status.audit;
  say(`audit ${position}:${hash}`);
}

function sayPolicy({ policy }: PlainStatus): void {
  if (policy === undefined) say("No policy decides here: modes alone bound what agents do.");
  else say(`policy version ${policy.version} (${policy.digest.slice(0, 12)})`);
}

function sayModes({ modes }: PlainStatus): void {
  if (modes.length === 0) {
    say("modes FULL everywhere");
    return;
  }
  const head = ["scope", "mode", "cause", "since", "until", "by", "reason"];
  const rows = modes.map(({ scope, mode, cause, since, until, actor, reason }) => [
    scope,
    mode,
    cause,
    timeOf(since),
    until === undefined ? "" : timeOf(until),
    actor,
    reason,
  ]);
  say(table(head, rows));
}

function sayBudgets({ budgets }: PlainStatus): void {
  if (budgets.length === 0) return;
  const isTerminal = process.stdout.isTTY;
  const head = ["budget", "of", "spent", "limit", "share", "until"];
  const rows = budgets.map(({ name, value, spent, limit, share, until }) => [
    name,
    value,
    spent,
    limit,
    `${(share * 100).toFixed(1)} %`,
    until === undefined ? "" : timeOf(until),
    ...(isTerminal ? [barOf(share)] : []),
  ]);
  say(table(isTerminal ? [...head, ""] : head, rows));
}

/** A bar of what is spent. */
export function barOf(share: number): string {
  const full = Math.min(BAR, Math.max(0, Math.round(share * BAR)));
  return `[${"#".repeat(full)}${".".repeat(BAR - full)}]`;
}

function sayEquity({ equity }: PlainStatus): void {
  if (equity.length === 0) return;
  const head = ["account", "venue", "equity", "peak", "seen"];
  const rows = equity.map((one) => [one.account, one.venue, one.equity, one.peak, timeOf(one.at)]);
  say(table(head, rows));
}

/** What waits, or did, with all that it is bound to. */
export function sayApprovals(approvals: readonly PlainApproval[]): void {
  const paint = colors.createColors(colors.isColorSupported && process.stdout.isTTY);
  for (const { id, ref, account, command, why, state, expiresAt, ...row } of approvals) {
    say(
      clean(
        `${id}  ${state}  ${commandLine(command)}, at most ${command.amount} USDC, account ${account}, ${ref}`,
      ),
    );
    say(paint.dim(clean(`    ${why}`)));
    if (state === "asked")
      say(paint.dim(`    until ${timeOf(expiresAt)}: holdfast approve ${id}, or reject it`));
    else say(paint.dim(clean(`    by ${row.decidedBy ?? "guard"}: ${row.reason ?? ""}`)));
  }
}

function timeOf(at: number): string {
  return new Date(at).toISOString().replace("T", " ").slice(0, 19);
}
