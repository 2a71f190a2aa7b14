// The view in a pipe: one plain line for each event that somebody may want to know, or one JSON object. What
// happened before this process is counted, not repeated.

import type { RunSummary } from "@holdfast/core";
import { cents, movedBy, percent, signed, wordOf } from "./figures.ts";
import { type Model, type Trade, gather } from "./model.ts";
import { clean } from "./text.ts";
import { type WatchOptions, pause } from "./watch.ts";

export interface WatchPipeOptions extends WatchOptions {
  readonly json: boolean;
}

/** Between two looks. */
const POLL_MS = 500;
/** Prices and equity at most so often. */
const FIGURES_EVERY_MS = 10_000;

/** A line: the event for programs, and its words for people. */
type Say = (event: Readonly<Record<string, unknown>>, words: string) => void;

export async function watchPipe(options: WatchPipeOptions): Promise<void> {
  const { host, json, signal, output, onLog } = options;
  const say: Say = (event, words) => {
    output.write(`${json ? JSON.stringify(event) : clean(words)}\n`);
  };
  onLog(({ level, message, at }) => {
    if (level === "debug") return;
    say({ event: "log", at: iso(at), level, message }, `${level}: ${message}`);
  });
  const news = newsTeller(say, host.openedAt);
  let figuresAt = 0;
  while (!signal.aborted) {
    const model = await gather(host);
    news.problem(model.problem);
    news.runs(model.runs);
    for (const { account, trades } of model.accounts) news.trades(account, trades);
    if (model.now - figuresAt >= FIGURES_EVERY_MS && model.accounts.length > 0) {
      figuresAt = model.now;
      sayFigures(say, model);
    }
    await pause(POLL_MS, signal);
  }
}

interface News {
  problem(text: string | undefined): void;
  runs(runs: readonly RunSummary[]): void;
  trades(account: string, trades: readonly Trade[]): void;
}

/** Remembers what was told. */
function newsTeller(say: Say, since: number): News {
  const statuses = new Map<string, string>();
  const seen = new Map<string, Set<string>>();
  let problem: string | undefined;
  return {
    problem(text) {
      if (text === problem) return;
      if (text !== undefined) say({ event: "problem", message: text }, `problem: ${text}`);
      else say({ event: "recovered" }, "problem: gone");
      problem = text;
    },
    runs(runs) {
      for (const run of runs.toReversed()) {
        // A generation that continued as new is no news.
        if (run.status === "continued" || statuses.get(run.id) === run.status) continue;
        const isFirst = !statuses.has(run.id);
        statuses.set(run.id, run.status);
        if (run.closedAt !== undefined && run.closedAt < since) continue;
        const goesOn = isFirst && run.status === "running" && run.startedAt < since;
        const needsSomebody = run.status === "in-doubt" || run.status === "stuck";
        const hint = needsSomebody ? `; "holdfast run ${run.id}" says why` : "";
        sayRun(say, run, `${goesOn ? "goes on" : `is ${run.status}`}${hint}`);
      }
    },
    trades(account, trades) {
      const known = seen.get(account);
      const told = known ?? new Set<string>();
      seen.set(account, told);
      for (const trade of trades.toReversed()) {
        const isOld = known === undefined && Date.parse(trade.date) < since;
        if (told.has(trade.id)) continue;
        told.add(trade.id);
        if (isOld) continue;
        const { id, date, kind, ref } = trade;
        const amount = cents(movedBy(trade)).replaceAll(",", "");
        say(
          { event: "trade", at: date, account, id, kind, amount, ref },
          `trade ${date.slice(11, 19)} ${wordOf(trade)} ${cents(movedBy(trade))} ${ref ?? ""}`,
        );
      }
    },
  };
}

function sayRun(say: Say, run: RunSummary, words: string): void {
  const { id, workflow, account, status } = run;
  say({ event: "run", id, workflow, account, status }, `run ${id} (${workflow}) ${words}`);
}

function sayFigures(say: Say, { prices, accounts, audit, now }: Model): void {
  const plain = (text: string): string => text.replaceAll(",", "");
  const at = iso(now);
  for (const { symbol, price } of prices.slice(0, 1)) {
    say(
      { event: "price", at, symbol, price: plain(cents(price)) },
      `price ${symbol} ${cents(price)}`,
    );
  }
  for (const { account, equity, unrealised, drawdown, positions } of accounts) {
    say(
      {
        event: "account",
        at,
        account,
        equity: plain(cents(equity)),
        pnl: plain(cents(unrealised)),
        drawdown,
        positions: positions.length,
      },
      `account ${account} equity ${cents(equity)} pnl ${signed(unrealised)} drawdown ${percent(drawdown)} positions ${positions.length}`,
    );
  }
  if (audit !== undefined) {
    const { effects, refs, duplicateEffects } = audit;
    say(
      { event: "audit", at, ...audit },
      `audit ${effects} effects for ${refs} intents, ${duplicateEffects} twice`,
    );
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
