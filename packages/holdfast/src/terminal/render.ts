// Draws the live view as lines of text. Pure: the same model and size give the same lines, none wider than
// the terminal and not more of them than it has.

import { type RunStatus, type RunSummary, formatDuration } from "@holdfast/core";
import colors from "picocolors";
import { cents, movedBy, percent, signed, sparkline, wordOf } from "./figures.ts";
import type { AccountModel, Model, Trade } from "./model.ts";
import { clean, clip } from "./text.ts";

export interface View {
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  /** Recent prices of the first pair, oldest first. */
  readonly series: readonly number[];
  /** What is said below: how to stop, where state and audit are. The first line stays longest. */
  readonly footer: readonly string[];
  readonly color: boolean;
}

type Paint = ReturnType<typeof colors.createColors>;

const RUNS_SHOWN = 8;
const POSITIONS_SHOWN = 3;
const TRADES_SHOWN = 6;

export function render(view: View): readonly string[] {
  const paint = colors.createColors(view.color);
  const { model, width, height } = view;
  const body = [
    ...headLines(view, paint),
    ...model.accounts.flatMap((account) => ["", ...accountLines(account, paint)]),
    "",
    paint.bold("runs"),
    ...runLines(model.runs, model.now, paint),
    "",
    paint.bold("last trades"),
    ...tradeLines(model.accounts),
    ...auditLines(model, paint),
  ];
  // In a small window what happens is worth more than where things lie.
  const footer = view.footer.slice(0, Math.max(1, Math.floor(height / 5)));
  const room = Math.max(0, height - footer.length - 1);
  return [...body.slice(0, room), "", ...footer.map((line) => paint.dim(clean(line)))]
    .slice(-height)
    .map((line) => clip(line, width));
}

function headLines({ model, width, series }: View, paint: Paint): readonly string[] {
  const time = new Date(model.now).toISOString().replace("T", " ").slice(0, 19);
  const lines = [`${paint.bold(paint.cyan("holdfast"))} ${paint.dim(`${time} UTC`)}`];
  if (model.problem !== undefined) lines.push(paint.red(clean(model.problem)));
  const [first, ...others] = model.prices;
  if (first !== undefined) {
    const bars = sparkline(series, Math.max(8, Math.min(40, width - 26)));
    const rest = others.map(({ symbol, price }) => `${clean(symbol)} ${cents(price)}`).join("  ");
    lines.push(
      `${paint.bold(clean(first.symbol))} ${cents(first.price)}  ${paint.cyan(bars)}  ${paint.dim(rest)}`,
    );
  }
  return lines;
}

function accountLines(account: AccountModel, paint: Paint): readonly string[] {
  const { positions, unrealised, drawdown } = account;
  const profit = (amount: typeof unrealised): string =>
    amount < 0n ? paint.red(signed(amount)) : paint.green(signed(amount));
  const shown = positions.slice(-POSITIONS_SHOWN).toReversed();
  const rest = positions.length - shown.length;
  return [
    `${paint.bold(account.account)}  equity ${cents(account.equity)}  pnl ${profit(unrealised)}  drawdown ${percent(drawdown)}  positions ${positions.length}`,
    ...shown.map(
      (position) =>
        `  ${clean(position.symbol)} ${clean(position.side)} ${cents(position.size)}  ${profit(position.unrealised)}`,
    ),
    ...(rest > 0 ? [paint.dim(`  and ${rest} more`)] : []),
  ];
}

function runLines(runs: readonly RunSummary[], now: number, paint: Paint): readonly string[] {
  const shown = runs.slice(0, RUNS_SHOWN);
  const width = Math.max(8, ...shown.map(({ id }) => clean(id).length));
  return shown.map((run) => {
    const wake =
      run.wakeAt === undefined
        ? ""
        : `wakes in ${formatDuration(Math.max(0, Math.ceil((run.wakeAt - now) / 1_000) * 1_000))}`;
    const status = paintStatus(run.status, run.status.padEnd(10), paint);
    return `  ${clean(run.id).padEnd(width)}  ${status}  ${clean(run.workflow)}  ${paint.dim(wake)}`;
  });
}

function paintStatus(status: RunStatus, text: string, paint: Paint): string {
  switch (status) {
    case "running":
      return paint.green(text);
    case "completed":
    case "continued":
      return paint.dim(text);
    case "closing":
    case "cancelled":
    case "terminated":
    case "awaiting-approval":
      return paint.yellow(text);
    case "in-doubt":
    case "quarantined":
    case "stuck":
    case "failed":
      return paint.red(text);
  }
}

function tradeLines(accounts: readonly AccountModel[]): readonly string[] {
  return accounts
    .flatMap(({ trades }) => trades)
    .sort((a, b) => b.date.localeCompare(a.date))
    .slice(0, TRADES_SHOWN)
    .map(
      (trade: Trade) =>
        `  ${clean(trade.date.slice(11, 19))}  ${wordOf(trade).padEnd(10)} ${cents(movedBy(trade)).padStart(12)}  ${clean(trade.ref ?? "")}`,
    );
}

function auditLines({ audit }: Model, paint: Paint): readonly string[] {
  if (audit === undefined) return [];
  const { effects, refs, duplicateEffects } = audit;
  const verdict = `${effects} effects for ${refs} intents, ${duplicateEffects} twice`;
  return ["", `audit  ${duplicateEffects === 0 ? paint.green(verdict) : paint.red(verdict)}`];
}
