// The live view: redraws a screen of its own a few times a second, and gives the terminal back as it was,
// however the process ends.

import { gather } from "./model.ts";
import { render } from "./render.ts";
import { type WatchOptions, pause } from "./watch.ts";

export interface WatchTerminalOptions extends WatchOptions {
  readonly footer: readonly string[];
}

/** Between two looks at the venue. */
const REDRAW_MS = 400;
const SERIES_MAX = 240;
/** A warning is shown so long. */
const NOTE_MS = 30_000;

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";

export async function watchTerminal(options: WatchTerminalOptions): Promise<void> {
  const { host, footer, signal, output, onLog } = options;
  const series: number[] = [];
  let note: { readonly text: string; readonly until: number } | undefined;
  onLog(({ level, message, at }) => {
    if (level === "warn" || level === "error") note = { text: message, until: at + NOTE_MS };
  });
  let model = await gather(host);
  const draw = (): void => {
    const isShown = note !== undefined && note.until > model.now;
    const lines = render({
      model,
      series,
      color: process.env["NO_COLOR"] === undefined,
      width: output.columns || 80,
      height: output.rows || 24,
      footer: isShown && note !== undefined ? [...footer, note.text] : footer,
    });
    output.write(`\u001b[H${lines.map((line) => `${line}\u001b[0m\u001b[K`).join("\r\n")}\u001b[J`);
  };
  const leave = (): void => {
    output.write(LEAVE);
  };
  // A forced end and an error that nobody caught go this way, too.
  process.once("exit", leave);
  output.write(ENTER);
  output.on("resize", draw);
  try {
    while (!signal.aborted) {
      const price = model.prices[0]?.price;
      if (price !== undefined) series.push(Number(price));
      if (series.length > SERIES_MAX) series.shift();
      draw();
      await pause(REDRAW_MS, signal);
      if (!signal.aborted) model = await gather(host);
    }
  } finally {
    output.off("resize", draw);
    process.off("exit", leave);
    leave();
  }
}
