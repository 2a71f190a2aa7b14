// What bounds the agents: whether anything does, whether its losses can be seen, which modes are on, and whether the
// audit log is whole.

import { formatDuration, toFailure } from "@holdfast/core";
import { limitsFor } from "@holdfast/core/internal";
import { openReader } from "@holdfast/engine";
import { type Config, accountsOf } from "../config/config.ts";
import { type Finding, fine, problem, warn } from "./finding.ts";

const ABOUT = "guard";
/** Without a look at an agent's equity for so long, its losses bound nothing. */
const UNSEEN_MS = 86_400_000;

/** What the configuration says. */
export function checkGuarded({ guard, venue }: Config): Finding {
  const isLive = venue?.kind === "live";
  const advice = "Give the project a guard with budgets: docs/guides/guard.md.";
  if (guard === undefined) {
    const says = "none: nothing bounds what agents do but a halt";
    return isLive ? warn(ABOUT, `${says}, at a live venue`, advice) : fine(ABOUT, says);
  }
  const { version, budgets } = guard;
  if (budgets.length > 0)
    return fine(ABOUT, `version ${version}, ${budgets.length} budgets: ${named(budgets)}`);
  const says = `version ${version}, without budgets: nothing bounds what is spent`;
  return isLive ? warn(ABOUT, `${says} at a live venue`, advice) : fine(ABOUT, says);
}

function named(budgets: readonly { readonly name: string }[]): string {
  return budgets.map(({ name }) => name).join(", ");
}

/** What the journal says. @param config undefined where it cannot be used */
export async function checkGuard(
  path: string,
  config: Config | undefined,
  now: number,
): Promise<readonly Finding[]> {
  try {
    using reader = openReader(path);
    const { modes, equity, approvals } = await reader.guard.status();
    const { rows, fault } = await reader.guard.verifyAudit();
    return [
      ...(modes.length === 0 ? [fine("modes", "FULL everywhere")] : []),
      ...modes.map(({ scope, mode, cause, reason, since }) =>
        warn(
          "modes",
          `${scope} is ${mode} since ${new Date(since).toISOString()} (${cause}: ${reason})`,
          "See holdfast guard; a person lifts what was halted: holdfast lift.",
        ),
      ),
      ...(approvals.length === 0
        ? []
        : [warn("approvals", `${approvals.length} wait`, "Answer them: holdfast approvals.")]),
      ...checkSeen(config, equity, now),
      fault === undefined
        ? fine("audit log", `${rows} rows, whole`)
        : problem(
            "audit log",
            `broken at position ${fault.position} (${fault.kind})`,
            "Keep the file as it is, and compare it with a backup: holdfast audit verify.",
          ),
    ];
  } catch (error) {
    const { message } = toFailure(error);
    return [problem(ABOUT, message, "Keep the file as it is; look at the disk, or upgrade.")];
  }
}

/** Losses are found where somebody looks at what an agent is worth. */
function checkSeen(
  config: Config | undefined,
  equity: readonly { readonly account: string; readonly at: number }[],
  now: number,
): readonly Finding[] {
  const guard = config?.guard;
  if (config === undefined || guard === undefined) return [];
  return accountsOf(config).flatMap((account): readonly Finding[] => {
    const { drawdown, day, minBalance } = limitsFor(guard, account).loss;
    if (drawdown === undefined && day === undefined && minBalance === undefined) return [];
    const seen = equity.filter((one) => one.account === account).map(({ at }) => at);
    const at = seen.length === 0 ? undefined : Math.max(...seen);
    if (at !== undefined && now - at <= UNSEEN_MS) return [];
    const says =
      at === undefined
        ? `the equity of "${account}" was never seen, and its losses are limited`
        : `the equity of "${account}" was not seen for ${formatDuration(now - at)}, and its losses are limited`;
    const advice = "Call getPortfolio now and then (riskMonitor does), or set loss off.";
    return [warn("losses", says, advice)];
  });
}
