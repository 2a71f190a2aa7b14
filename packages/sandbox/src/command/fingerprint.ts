// What a command says, as one hash: a key that comes again with another fingerprint is a mistake of the caller.
// Taken over the command, not over the request, so that two spellings of one order agree.

import { createHash } from "node:crypto";
import type { Command } from "./command.ts";

export function fingerprint(command: Command): string {
  return createHash("sha256")
    .update(JSON.stringify(ordered(command)))
    .digest("hex");
}

function ordered(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, part]) => [name, ordered(part)]);
}
