// Between our codec's text and what the SDK's converter of json/plain makes of it: the same JSON, parsed.

import { type Encoded, type Failure, encode } from "@holdfast/core";

/** What the SDK is to write: plain JSON, with the codec's tags in it. */
export function treeOf(text: Encoded): unknown {
  return JSON.parse(text);
}

/** What the SDK has read, as text of our codec; nothing at all stands for `undefined`. */
export function textOf(tree: unknown): Encoded {
  return tree === undefined ? encode(undefined) : JSON.stringify(tree);
}

export function failureTree(failure: Failure): unknown {
  const { stack: _stack, ...kept } = failure;
  return treeOf(encode(kept));
}

/** A value of ours, with what JSON lacks as tags of the codec; what is undefined is left out. */
export function treeOfValue(value: unknown): unknown {
  return treeOf(encode(trimmed(value)));
}

function trimmed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(trimmed);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, trimmed(field)]));
}
