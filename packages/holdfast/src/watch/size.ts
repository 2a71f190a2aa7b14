// Amounts of memory and of disk, as configurations write them and as people read them.

/** "512MiB", "1.5GiB"; or a number of bytes. */
export type Size = `${number}${"KiB" | "MiB" | "GiB" | "TiB"}` | number;

const UNITS = ["KiB", "MiB", "GiB", "TiB"] as const;
const TEXT = /^(\d+(?:\.\d+)?)(KiB|MiB|GiB|TiB)$/u;

/** Bytes of a size; undefined where it is none. */
export function bytesOf(size: unknown): number | undefined {
  if (typeof size === "number") return Number.isSafeInteger(size) && size > 0 ? size : undefined;
  const match = typeof size === "string" ? TEXT.exec(size) : null;
  if (match === null) return undefined;
  const power = UNITS.indexOf(match[2] as (typeof UNITS)[number]) + 1;
  const bytes = Math.round(Number(match[1]) * 1_024 ** power);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes for people: "412.0 MiB". */
export function formatBytes(bytes: number): string {
  let [value, unit]: [number, string] = [bytes, "B"];
  for (const next of UNITS) {
    if (value < 1_024) break;
    [value, unit] = [value / 1_024, next];
  }
  return unit === "B" ? `${value} B` : `${value.toFixed(1)} ${unit}`;
}
