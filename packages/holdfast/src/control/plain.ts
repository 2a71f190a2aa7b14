// Values as the control API shows them: plain JSON. A bigint is text with an "n" behind it, because amounts are
// micro-USDC here and USDC in inputs: "25000000n" is refused as an input, where "25000000" would be a million
// times the amount. Dates are ISO text, bytes hexadecimal.

import { type HistoryEntry, type ListedEntry, decode } from "@holdfast/core";

export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  }
  return value;
}

/** A journaled value as plain JSON. */
export function plainOf(encoded: string | undefined): unknown {
  return encoded === undefined || encoded === "" ? undefined : plain(decode(encoded));
}

/** Fields of history entries that hold a journaled value. */
const ENCODED: ReadonlySet<string> = new Set(["input", "output", "payload", "loop", "memo"]);

/** A history entry as plain JSON, with the values in it decoded. */
export function plainEntry({ sequence, at, entry }: ListedEntry): unknown {
  return { sequence, at: new Date(at).toISOString(), ...plainFields(entry) };
}

function plainFields(entry: HistoryEntry): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(entry).map(([name, value]: [string, unknown]) => {
      if (ENCODED.has(name) && typeof value === "string") return [name, plainOf(value)];
      if (name === "signals" && Array.isArray(value)) {
        return [name, (value as HistoryEntry[]).map(plainFields)];
      }
      return [name, plain(value)];
    }),
  );
}
