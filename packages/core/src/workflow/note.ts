// What a run says about itself: tags, by which runs are found, and a memo, which is only shown.

import { HoldfastError } from "../base/error.ts";
import { parseId } from "../base/id.ts";
import { TAGS_MAX } from "../base/limit.ts";

/** A tag is found by its value and its type: `1` is not `"1"`. */
export type TagValue = string | number | boolean;

export type Tags = Readonly<Record<string, TagValue>>;

/** Anything that crosses the codec, by name. */
export type Memo = Readonly<Record<string, unknown>>;

/**
 * Checks tags: at most 32, names and texts of at most 255 bytes, numbers finite.
 *
 * @throws HF-TAG-INVALID, HF-ID-INVALID
 * @example
 * checkTags({ symbol: "BTC-PERP", amountUsd: 25, live: false });
 */
export function checkTags(tags: Tags): Tags {
  const entries = Object.entries(tags);
  if (entries.length > TAGS_MAX) {
    throw invalid(`${entries.length} tags are too many: at most ${TAGS_MAX} are allowed`);
  }
  for (const [name, value] of entries) {
    parseId(name, "tag name");
    if (typeof value === "string") parseId(value, `value of tag ${name}`);
    else if (typeof value === "number" ? !Number.isFinite(value) : typeof value !== "boolean") {
      throw invalid(
        `tag ${name} is ${String(value)}: a tag is a text, a finite number or a boolean`,
      );
    }
  }
  return tags;
}

function invalid(why: string): HoldfastError {
  return new HoldfastError("HF-TAG-INVALID", `Cannot tag a run: ${why}.`, {
    class: "data",
    disposition: "refused",
    outcome: "not-sent",
  });
}
