// Payloads: encoded values within the limit.

import { type Encoding, encode, encodeWithCopy } from "./codec.ts";
import { HoldfastError } from "./error.ts";
import { PAYLOAD_BYTES_MAX } from "./limit.ts";

/** Encodes a payload and refuses what is larger than 2 MiB. */
export function encodePayload(value: unknown, what: string): string {
  const text = encode(value);
  checkSize(text, what);
  return text;
}

/** The same, with the copy that `encodeWithCopy` gives. */
export function encodePayloadWithCopy(value: unknown, what: string): Encoding {
  const encoding = encodeWithCopy(value);
  checkSize(encoding.text, what);
  return encoding;
}

function checkSize(text: string, what: string): void {
  // A UTF-16 unit takes at most three bytes, so short text needs no counting.
  if (text.length * 3 > PAYLOAD_BYTES_MAX && text.length > PAYLOAD_BYTES_MAX / 3) {
    let bytes = 0;
    for (const character of text) {
      const point = character.codePointAt(0) ?? 0;
      bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    }
    if (bytes > PAYLOAD_BYTES_MAX) {
      throw new HoldfastError(
        "HF-PAYLOAD-TOO-LARGE",
        `Cannot accept ${what}: it has ${bytes} bytes encoded, at most ${PAYLOAD_BYTES_MAX} are allowed. Store it elsewhere and pass a reference.`,
        { class: "data", disposition: "refused", outcome: "not-sent" },
      );
    }
  }
}
