// Draws the live view as lines of text. Pure: the same model and size give the same lines.

import { type RunSummary, type Usdc, formatDuration, formatUsdc, micros } from "@holdfast/core";
import colors from "picocolors";
import type { AccountModel, Model, Trade } from "./model.ts";

export interface View {
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  /** Recent prices of the first pair, oldest first. */
  readonly series: readonly number[];
  /** What is said below: how to stop, where the audit is. */
  readonly footer: readonly string[];
  readonly color: boolean;
}

const BARS = "▁▂▃▄▅▆▇█";

export function render(view: View): readonly string[] {
  const paint = colors.createColors(view.color);
  const { model, width } = view;
  const lines: string[] = [];
  const first = model.prices[0];
  lines.push(
    `${paint.bold(paint.cyan("holdfast"))} ${paint.dim(new Date(model.now).toISOString().replace("T", " ").slice(0, 19))}`,
  );
  if (model.problem !== undefined) lines.push(paint.red(model.problem));
  if (first !== undefined) {
    lines.push(
      `${paint.bold(first.symbol)} ${cents(first.price)}  ${paint.cyan(sparkline(view.series, Math.max(8, Math.min(40, width - 34))))}  ${paint.dim(
        model.prices
          .slice(1)
          .map(({ symbol, price }) => `${symbol} ${cents(price)}`)
          .join("  "),
      )}`,
    );
  }
  for (const account of model.accounts) lines.push("", ...accountLines(account, paint));
  lines.push(
    "",
    paint.bold("runs"),
    ...model.runs.slice(0, 8).map((found) => runLine(found, model.now, paint)),
  );
  const trades = model.accounts
    .flatMap((account) => account.trades)
    .sort((a, b) => (a.date < b.date ? 1 : -1));
  lines.push("", paint.bold("last trades"), ...trades.slice(0, 6).map((trade) => tradeLine(trade)));
  if (model.audit !== undefined) {
    const { effects, refs, duplicateEffects } = model.audit;
    const verdict = `${effects} effects for ${refs} intents, ${duplicateEffects} twice`;
    lines.push("", `audit  ${duplicateEffects === 0 ? paint.green(verdict) : paint.red(verdict)}`);
  }
  const room = Math.max(0, view.height - view.footer.length - 2);
  return [...lines.slice(0, room), "", ...view.footer.map((line) => paint.dim(line))].map((line) =>
    clip(line, width),
  );
}

function accountLines(
  account: AccountModel,
  paint: ReturnType<typeof colors.createColors>,
): readonly string[] {
  const profit =
    account.unrealised < 0n
      ? paint.red(cents(account.unrealised))
      : paint.green(`+${cents(account.unrealised)}`);
  const shown = account.positions.slice(-3).reverse();
  const rest = account.positions.length - shown.length;
  return [
    `${paint.bold(account.account)}  equity ${cents(account.equity)}  pnl ${profit}  drawdown ${(account.drawdown * 100).toFixed(2)} %  positions ${account.positions.length}`,
    ...shown.map(
      (position) =>
        `  ${position.symbol} ${position.side} ${cents(position.size)}  ${position.unrealised < 0n ? paint.red(cents(position.unrealised)) : paint.green(`+${cents(position.unrealised)}`)}`,
    ),
    ...(rest > 0 ? [paint.dim(`  and ${rest} more`)] : []),
  ];
}

function runLine(
  found: RunSummary,
  now: number,
  paint: ReturnType<typeof colors.createColors>,
): string {
  const wake =
    found.wakeAt === undefined ? "" : `wakes in ${formatDuration(Math.max(0, found.wakeAt - now))}`;
  const status =
    found.status === "running"
      ? paint.green(found.status)
      : found.status === "completed"
        ? paint.dim(found.status)
        : paint.yellow(found.status);
  return `  ${found.id.padEnd(20)} ${status.padEnd(12)} ${found.workflow}  ${paint.dim(wake)}`;
}

const WORDS: Readonly<Record<string, string>> = {
  grant: "granted",
  faucet: "faucet",
  margin: "opened",
  "margin-return": "closed",
  liquidation: "liquidated",
};

/** A trade in words: its time, what it was, margin moved, business name. */
export function tradeLine(trade: Trade): string {
  const amount = trade.amount < 0n ? micros(-trade.amount) : trade.amount;
  return `  ${trade.date.slice(11, 19)} ${(WORDS[trade.kind] ?? trade.kind).padEnd(10)} ${cents(amount).padStart(12)}  ${trade.ref ?? ""}`;
}

/** An amount to the cent, for people. */
export function cents(amount: Usdc): string {
  const rounded = micros(((amount < 0n ? amount - 5_000n : amount + 5_000n) / 10_000n) * 10_000n);
  const text = formatUsdc(rounded);
  const [whole = "0", fraction = "00"] = text.split(".");
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/gu, ",")}.${fraction.slice(0, 2).padEnd(2, "0")}`;
}

export function sparkline(series: readonly number[], width: number): string {
  const shown = series.slice(-width);
  const low = Math.min(...shown);
  const span = Math.max(...shown) - low;
  return shown
    .map((value) => BARS[span === 0 ? 3 : Math.round(((value - low) / span) * 7)] ?? "")
    .join("");
}

/** Cuts a line to the width of the terminal, not counting colour codes. */
function clip(line: string, width: number): string {
  let seen = 0;
  let out = "";
  // oxlint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001b\[[0-9;]*m)/u)) {
    if (part.startsWith("\u001b")) {
      out += part;
      continue;
    }
    out += part.slice(0, Math.max(0, width - seen));
    seen += part.length;
  }
  return out;
}
