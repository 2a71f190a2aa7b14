// Values as the control API shows them: plain JSON. Amounts and other large integers are text, dates are ISO
// text, bytes are hexadecimal.

import { decode } from "@holdfast/core";

export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
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
