// The API key of one request: looked up, checked, and kept out of whatever is said about the request. What
// goes wrong here has sent nothing.

import { HoldfastError, hasCode, toFailure } from "@holdfast/core";

/** A key, or where it is found; looked up for each request, so that it may change. */
export type ApiKey = string | (() => string | undefined | Promise<string | undefined>);

/** What stands in place of a key. */
const MARK = "[secret]";
/** Shorter text is no key, and would tear words apart. */
const KEY_LENGTH_MIN = 8;
/** What a Bearer header may carry (RFC 6750). */
const BEARER = /^[\w.~+/-]+=*$/u;

/**
 * Finds the key of a request.
 *
 * @throws HF-LIVE-KEY for a key with a refused prefix; HF-API-KEY-INVALID; HF-API-KEY-UNAVAILABLE where the
 *   look-up itself fails with something that is no failure of Holdfast: retried, because nothing was sent
 */
export async function findKey(
  source: ApiKey | undefined,
  refusedPrefixes: readonly string[],
): Promise<string | undefined> {
  const key = typeof source === "function" ? await ask(source) : source;
  if (key === undefined) return undefined;
  if (!BEARER.test(key)) {
    throw refused(
      "HF-API-KEY-INVALID",
      "Cannot use this API key: it is empty, or contains a space, a line break or a sign that no key has.",
    );
  }
  const prefix = refusedPrefixes.find((found) => key.startsWith(found));
  if (prefix === undefined) return key;
  throw refused(
    "HF-LIVE-KEY",
    `Cannot use this API key: it is a live one (${prefix}…) and the configuration does not say mode: "live".`,
  );
}

async function ask(source: Exclude<ApiKey, string>): Promise<string | undefined> {
  try {
    return await source();
  } catch (error) {
    if (!hasCode(toFailure(error), "HF-USER-ERROR")) throw error;
    // Its message is left out: a store that fails may quote what it holds.
    const name = error instanceof Error ? error.name : typeof error;
    throw new HoldfastError(
      "HF-API-KEY-UNAVAILABLE",
      `Cannot look up the API key of this account: its source failed (${name}).`,
      { class: "resource", disposition: "retry", outcome: "not-sent" },
    );
  }
}

/** The text without the key, in case the venue repeats it. */
export function withoutKey(text: string, key: string | undefined): string {
  return key === undefined || key.length < KEY_LENGTH_MIN ? text : text.replaceAll(key, MARK);
}

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError(code, message, {
    class: "state",
    disposition: "refused",
    outcome: "refused",
  });
}
