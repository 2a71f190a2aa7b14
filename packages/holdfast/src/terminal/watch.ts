// Shows a host at work: redraws a view on a terminal, prints a line for each event in a pipe. The only part of
// the package, with the CLI, that waits by the machine's clock.

import type { Host } from "../host/host.ts";
import type { LogLine } from "../host/log.ts";
import { type Model, gather } from "./model.ts";
import { cents, render, tradeLine } from "./render.ts";

export interface WatchOptions {
  readonly host: Host;
  readonly footer: readonly string[];
  /** Ends the watch. */
  readonly signal: AbortSignal;
  readonly output: NodeJS.WriteStream;
  /** Log lines as they come. */
  readonly onLog: (listener: (line: LogLine) => void) => void;
}

const REDRAW_MS = 500;
const POLL_MS = 1_000;
const SERIES_MAX = 240;
/** A price line in a pipe at most so often. */
const PRICE_EVERY_MS = 10_000;

export async function watch(options: WatchOptions): Promise<void> {
  if (options.output.isTTY) await watchTerminal(options);
  else await watchPipe(options);
}

async function watchTerminal({ host, footer, signal, output, onLog }: WatchOptions): Promise<void> {
  const series: number[] = [];
  let lastLog = "";
  onLog((line) => {
    if (line.level === "warn" || line.level === "error") lastLog = line.message;
  });
  output.write("\u001b[?1049h\u001b[?25l");
  try {
    while (!signal.aborted) {
      const model = await gather(host, Date.now());
      const price = model.prices[0]?.price;
      if (price !== undefined) series.push(Number(price));
      if (series.length > SERIES_MAX) series.shift();
      const lines = render({
        model,
        series,
        color: true,
        width: output.columns || 80,
        height: output.rows || 24,
        footer: lastLog === "" ? footer : [lastLog, ...footer],
      });
      output.write(`\u001b[H${lines.map((line) => `${line}\u001b[K`).join("\n")}\u001b[J`);
      await pause(REDRAW_MS, signal);
    }
  } finally {
    output.write("\u001b[?25h\u001b[?1049l");
  }
}

async function watchPipe({ host, signal, output, onLog }: WatchOptions): Promise<void> {
  const seen = new Set<string>();
  const statuses = new Map<string, string>();
  let pricedAt = 0;
  const say = (line: string): void => {
    output.write(`${line}\n`);
  };
  onLog((line) => {
    if (line.level === "warn" || line.level === "error") say(`${line.level}: ${line.message}`);
  });
  while (!signal.aborted) {
    const model = await gather(host, Date.now());
    if (model.problem !== undefined) say(`problem: ${model.problem}`);
    for (const { id, status, workflow } of [...model.runs].reverse()) {
      if (statuses.get(id) !== status) say(`run ${id} (${workflow}) is ${status}`);
      statuses.set(id, status);
    }
    for (const trade of model.accounts.flatMap(({ trades }) => [...trades].reverse())) {
      if (seen.has(trade.id)) continue;
      seen.add(trade.id);
      say(`trade${tradeLine(trade).replace(/ {2,}/gu, " ")}`);
    }
    if (model.now - pricedAt >= PRICE_EVERY_MS) {
      pricedAt = model.now;
      sayFigures(model, say);
    }
    await pause(POLL_MS, signal);
  }
}

function sayFigures(model: Model, say: (line: string) => void): void {
  for (const { symbol, price } of model.prices.slice(0, 1)) say(`price ${symbol} ${cents(price)}`);
  for (const { account, equity, unrealised, drawdown } of model.accounts) {
    say(
      `account ${account} equity ${cents(equity)} pnl ${cents(unrealised)} drawdown ${(drawdown * 100).toFixed(2)} %`,
    );
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
