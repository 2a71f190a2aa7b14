// Reads a recording of candles or ticks from CSV (with a header) or JSONL, one row a line. Rows with a `close`
// are candles; a candle becomes four ticks: its opening, the extreme nearer to it, the other extreme, and its
// close in its last quarter, so that nothing is known before its time.

import { readFileSync } from "node:fs";
import { usdc } from "@holdfast/core";
import { type Recording, type Tick, invalid } from "./replay.ts";

export interface RecordingFile {
  /** "BTC-PERP". */
  readonly symbol: string;
  /** A file that ends in .csv or .jsonl. */
  readonly path: string;
  /** Instant of the venue's clock at which the recording begins. Default: the instants that it holds. */
  readonly startAt?: number;
}

type Fields = ReadonlyMap<string, string>;

interface Candle {
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const MINUTE_MS = 60_000;
/** Numbers below this are seconds since the epoch, others milliseconds. */
const SECONDS_MAX = 100_000_000_000;

/** Reads a file. @throws HF-VENUE-REPLAY-INVALID */
export function readRecording({ symbol, path, startAt }: RecordingFile): Recording {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw invalid(
      symbol,
      `${path} cannot be read: ${error instanceof Error ? error.message : "?"}`,
    );
  }
  const ticks = parseRecording(symbol, text, path.endsWith(".csv") ? "csv" : "jsonl");
  const [first] = ticks;
  if (startAt === undefined || first === undefined) return { symbol, ticks };
  const shift = startAt - first.at;
  return { symbol, ticks: ticks.map((tick) => ({ ...tick, at: tick.at + shift })) };
}

/** @throws HF-VENUE-REPLAY-INVALID naming the line */
export function parseRecording(
  symbol: string,
  text: string,
  format: "csv" | "jsonl",
): readonly Tick[] {
  const lines = text.split(/\r?\n/u);
  const columns = format === "csv" ? cells(lines[0] ?? "").map((name) => name.toLowerCase()) : [];
  const candles: Candle[] = [];
  const ticks: Tick[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "" || (format === "csv" && index === 0)) continue;
    try {
      const fields = format === "csv" ? fromCells(columns, cells(line)) : fromJson(line);
      if (fields.has("close")) candles.push(candleOf(fields));
      else ticks.push(tickOf(fields));
    } catch (error) {
      const why = error instanceof Error ? error.message : "it cannot be read";
      throw invalid(symbol, `line ${index + 1}: ${why}`);
    }
  }
  return candles.length === 0 ? ticks : [...candles.flatMap(expander(candles)), ...ticks];
}

/** Four ticks of a candle; its length is the distance of the first two, or a minute. */
function expander(candles: readonly Candle[]): (candle: Candle) => readonly Tick[] {
  const [first, second] = candles;
  const apart = (second?.at ?? 0) - (first?.at ?? 0);
  const quarter = (apart > 0 ? apart : MINUTE_MS) / 4;
  return ({ at, open, high, low, close, volume }) => {
    const extremes = high - open < open - low ? [high, low] : [low, high];
    return [open, ...extremes, close].map((price, index) => ({
      at: at + index * quarter,
      price,
      volume: volume / 4,
    }));
  };
}

function candleOf(fields: Fields): Candle {
  const candle = {
    at: instantOf(fields),
    open: priceOf(fields, "open"),
    high: priceOf(fields, "high"),
    low: priceOf(fields, "low"),
    close: priceOf(fields, "close"),
    volume: volumeOf(fields),
  };
  const { open, high, low, close } = candle;
  if (low > Math.min(open, close) || high < Math.max(open, close)) {
    throw new Error("low and high do not enclose open and close");
  }
  return candle;
}

function tickOf(fields: Fields): Tick {
  return { at: instantOf(fields), price: priceOf(fields, "price"), volume: volumeOf(fields) };
}

function instantOf(fields: Fields): number {
  const names = ["timestamp_ms", "timestamp", "time", "ts", "date"];
  const text = names.map((name) => fields.get(name)).find((found) => found !== undefined);
  if (text === undefined) throw new Error(`it has none of ${names.join(", ")}`);
  const at = /^\d+$/u.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isSafeInteger(at)) throw new Error(`${text} is no instant`);
  return at < SECONDS_MAX ? at * 1_000 : at;
}

/** A decimal; what lies beyond 6 places is cut off. */
function priceOf(fields: Fields, name: string): number {
  const text = fields.get(name);
  const match = /^(\d{1,8}(?:\.\d{1,6})?)\d*$/u.exec(text ?? "");
  if (match?.[1] === undefined) throw new Error(`${name} is ${text ?? "absent"}, not a price`);
  return Number(usdc(match[1]));
}

function volumeOf(fields: Fields): number {
  const volume = Number(fields.get("volume") ?? 0);
  if (!(volume >= 0 && volume < Infinity)) throw new Error(`volume is ${fields.get("volume")}`);
  return volume;
}

function cells(line: string): readonly string[] {
  return line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/u, "$1"));
}

function fromCells(columns: readonly string[], values: readonly string[]): Fields {
  return new Map(columns.map((column, index) => [column, values[index] ?? ""]));
}

function fromJson(line: string): Fields {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null) throw new Error("it is no JSON object");
  return new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), String(field)]));
}
