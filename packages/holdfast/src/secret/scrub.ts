// Keeps API keys out of what a venue's client returns and throws, because both are journaled and shown: a
// venue may repeat a key in a message, or in a field where nobody expects one. Only the field of an answer that
// is meant to hold a key, a registration's, passes.

import { fromFailure, toFailure } from "@holdfast/core";

/** What stands in place of a key. */
const MARK = "[secret]";

/** What looks like a key of the venue, whether we know it or not; a word of its vocabulary has no capitals or digits. */
const SHAPE = /(?<![A-Za-z])(?:pf|pk|sk)_(?=[\w-]*[A-Z0-9])[\w-]{16,}/gu;

/** The field in which an answer brings a key. */
const EXPECTED = "api_key";

/** Shorter text is no key, and would tear words apart. */
const KEY_LENGTH_MIN = 8;

type Method = (...given: unknown[]) => unknown;

/**
 * The same client; what its methods resolve to or reject with holds no key.
 *
 * @param keyOf the key that the client uses, of whatever shape
 */
export function scrubbing<Client extends object>(
  client: Client,
  keyOf: () => string | undefined,
): Client {
  const members = Object.entries(client).map(([name, member]: [string, unknown]) => {
    if (typeof member === "function") return [name, scrubbed(client, member as Method, keyOf)];
    const isGroup = typeof member === "object" && member !== null && !Array.isArray(member);
    return [name, isGroup ? scrubbing(member, keyOf) : member];
  });
  return Object.fromEntries(members) as Client;
}

function scrubbed(client: object, method: Method, keyOf: () => string | undefined): Method {
  return async (...given) => {
    try {
      return scrub(await method.apply(client, given), keyOf(), EXPECTED);
    } catch (error) {
      throw fromFailure(scrub(toFailure(error), keyOf()));
    }
  };
}

/** A copy of a plain value without keys, except in fields named `passing`. */
export function scrub<Value>(value: Value, key?: string, passing?: string): Value {
  const known = key !== undefined && key.length >= KEY_LENGTH_MIN ? key : undefined;
  const text = (found: string): string =>
    (known === undefined ? found : found.replaceAll(known, MARK)).replace(SHAPE, MARK);
  const clean = (found: unknown): unknown => {
    if (typeof found === "string") return text(found);
    if (Array.isArray(found)) return found.map(clean);
    if (typeof found !== "object" || found === null || found instanceof Date) return found;
    return Object.fromEntries(
      Object.entries(found).map(([name, inner]: [string, unknown]) => [
        name,
        name === passing ? inner : clean(inner),
      ]),
    );
  };
  return clean(value) as Value;
}
