// Rules and overrides of suites as fields of text: what a page's form or a command line sends.

import { FAULT_TEXT_MAX } from "./match.ts";

/** Fields of one rule, at most. */
export const FORM_FIELDS_MAX = 40;

const TEXTS: ReadonlySet<string> = new Set([
  "agent",
  "answer",
  "as",
  "channel",
  "kind",
  "method",
  "path",
  "reason",
  "suite",
  "symbol",
  "timestamp",
  "when",
]);
const TEXT_LISTS: ReadonlySet<string> = new Set(["operations", "types"]);

/**
 * The fields as values: numbers where the name is one of a number, lists where there are commas. Empty fields are left
 * out; what is no number stays text, for the schema to refuse.
 */
export function fromFields(
  fields: Iterable<readonly [string, string]>,
): Readonly<Record<string, unknown>> {
  const given = [...fields]
    .filter(([, text]) => text.trim() !== "")
    .slice(0, FORM_FIELDS_MAX)
    .map(([name, text]) => [name, valueOf(name, text.trim())] as const);
  return Object.fromEntries(given);
}

function valueOf(name: string, text: string): unknown {
  if (TEXTS.has(name)) return text;
  if (TEXT_LISTS.has(name)) return items(text);
  if (name === "tries") return items(text).map(numberOf);
  return text === "null" ? null : numberOf(text);
}

function items(text: string): readonly string[] {
  return text
    .slice(0, FAULT_TEXT_MAX * 10)
    .split(",")
    .map((one) => one.trim());
}

function numberOf(text: string): unknown {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}
