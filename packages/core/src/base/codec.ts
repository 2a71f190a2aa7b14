// How values cross every boundary, even inside one process: JSON, with tags for what JSON lacks (Date,
// bigint, bytes, undefined). What would not come back equal is refused, with its path.

import { HoldfastError } from "./error.ts";
import { VALUE_DEPTH_MAX } from "./limit.ts";

const TAG = "$hf";
const TAG_AS_KEY = `"${TAG}"`;

/**
 * Encodes a value as JSON text.
 *
 * @throws HF-CODEC-UNSUPPORTED with the path, for NaN, Infinity, -0, functions, symbols, Map, class
 *   instances, invalid dates, `__proto__`, holes in arrays and nesting deeper than 64
 * @example
 * decode(encode({ at: new Date(0), amount: 5n })); // { at: new Date(0), amount: 5n }
 */
export function encode(value: unknown): string {
  return JSON.stringify(tagged(value, [], 0));
}

/** A value as it crosses a boundary. */
export interface Encoding {
  readonly text: string;
  /** What `decode` would give of the text, for one to take; undefined where it has to be decoded. */
  readonly copy: unknown;
}

/**
 * Encodes a value and has its copy at hand where that costs next to nothing: for a plain record of plain values.
 *
 * @throws HF-CODEC-UNSUPPORTED
 */
export function encodeWithCopy(value: unknown): Encoding {
  const copy = flatCopy(value);
  return { text: copy === undefined ? encode(value) : JSON.stringify(copy), copy };
}

function flatCopy(value: unknown): object | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  if (Object.getOwnPropertySymbols(value).length > 0) return undefined;
  // The text is made of the copy: what a getter says is asked once.
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) {
    if (key === TAG || key === "__proto__" || !isPlain(copy[key])) return undefined;
  }
  return copy;
}

/** Decodes what `encode` made. */
export function decode(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return text.includes(TAG_AS_KEY) ? untagged(value) : value;
}

/** Encodes and decodes: what the other side of a boundary would see. */
export function roundTrip<Value>(value: Value): Value {
  return decode(encode(value)) as Value;
}

type Path = (string | number)[];

/** A value that needs no tag and no look inside: nearly all there are. */
function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    default:
      return value === null;
  }
}

/** The value itself when it is plain JSON, otherwise a copy with tags: the common case allocates nothing. */
function tagged(value: unknown, path: Path, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value) || Object.is(value, -0)) {
        throw unsupported(Object.is(value, -0) ? "-0" : String(value), path);
      }
      return value;
    case "bigint":
      return { [TAG]: "bigint", v: value.toString() };
    case "undefined":
      return { [TAG]: "undefined" };
    case "object":
      if (value === null) return null;
      if (depth >= VALUE_DEPTH_MAX)
        throw unsupported(`nesting deeper than ${VALUE_DEPTH_MAX}`, path);
      return taggedObject(value, path, depth);
    case "function":
    case "symbol":
      throw unsupported(`a ${typeof value}`, path);
  }
}

function taggedObject(value: object, path: Path, depth: number): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype)
    return taggedRecord(value as Record<string, unknown>, path, depth);
  if (Array.isArray(value)) return taggedArray(value, path, depth);
  if (value instanceof Date || Object.prototype.toString.call(value) === "[object Date]") {
    const time = (value as Date).getTime();
    if (Number.isNaN(time)) throw unsupported("an invalid Date", path);
    return { [TAG]: "date", v: time };
  }
  if (ArrayBuffer.isView(value)) {
    if (Object.prototype.toString.call(value) !== "[object Uint8Array]") {
      throw unsupported("a typed array other than Uint8Array", path);
    }
    return { [TAG]: "bytes", v: toHex(value as Uint8Array) };
  }
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw unsupported(`an instance of ${value.constructor?.name || "a class"}`, path);
  }
  return taggedRecord(value as Record<string, unknown>, path, depth);
}

function taggedArray(value: readonly unknown[], path: Path, depth: number): unknown {
  let copy: unknown[] | undefined;
  for (let index = 0; index < value.length; index += 1) {
    if (!(index in value)) throw unsupported("a hole in an array", [...path, index]);
    const before = value[index];
    path.push(index);
    const after = tagged(before, path, depth + 1);
    path.pop();
    if (after !== before && copy === undefined) copy = value.slice(0, index);
    copy?.push(after);
  }
  return copy ?? value;
}

function taggedRecord(value: Record<string, unknown>, path: Path, depth: number): unknown {
  if (Object.getOwnPropertySymbols(value).length > 0) throw unsupported("a symbol key", path);
  let copy: Record<string, unknown> | undefined;
  let looksTagged = false;
  for (const key of Object.keys(value)) {
    if (key === "__proto__") throw unsupported("a key named __proto__", path);
    if (key === TAG) looksTagged = true;
    const before = value[key];
    if (isPlain(before)) continue;
    path.push(key);
    const after = tagged(before, path, depth + 1);
    path.pop();
    if (after !== before) {
      copy ??= { ...value };
      copy[key] = after;
    }
  }
  const plain = copy ?? value;
  return looksTagged ? { [TAG]: "plain", v: plain } : plain;
}

function untagged(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(untagged);
  const record = value as Record<string, unknown>;
  switch (record[TAG]) {
    case undefined:
      return untaggedRecord(record);
    case "bigint":
      return BigInt(record["v"] as string);
    case "undefined":
      return undefined;
    case "date":
      return new Date(record["v"] as number);
    case "bytes":
      return fromHex(record["v"] as string);
    case "plain":
      return untaggedRecord(record["v"] as Record<string, unknown>);
    default:
      throw new HoldfastError(
        "HF-CODEC-UNKNOWN-TAG",
        `Cannot decode a value with the tag ${JSON.stringify(record[TAG])}: this version does not know it.`,
        { class: "data" },
      );
  }
}

function untaggedRecord(record: Record<string, unknown>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(record)) copy[key] = untagged(record[key]);
  return copy;
}

function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}

function unsupported(what: string, path: Path): HoldfastError {
  const where = path.length === 0 ? "value" : path.map(String).join(".");
  return new HoldfastError(
    "HF-CODEC-UNSUPPORTED",
    `Cannot encode ${what} at ${where}: only JSON values, Date, bigint, Uint8Array and undefined cross a boundary.`,
    { class: "data", disposition: "refused", outcome: "not-sent", details: { path: where } },
  );
}
