// Tokens that complete calls from outside. A token is derived from the journal's own random secret and the call,
// so none is stored, every attempt of a call has the same one, and none can be guessed.

import { createHmac, timingSafeEqual } from "node:crypto";
import type { CallPlace } from "../store/calls.ts";
import { callKey } from "./attempt.ts";
import type { PendingCallState } from "./pending.ts";

/** What every token begins with, so that it is known for a secret where it is seen. */
const PREFIX = "hft";

export class Tokens {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** The token of a call. Its key is part of it: after a resume, another call may have the same number. */
  of(call: PendingCallState): string {
    const { run, command } = call;
    const mac = createHmac("sha256", this.#secret)
      .update(`${run}.${command.call}.${callKey(call)}`)
      .digest("base64url");
    return `${PREFIX}.${run}.${command.call}.${mac}`;
  }

  fits(call: PendingCallState, token: string): boolean {
    const expected = Buffer.from(this.of(call));
    const given = Buffer.from(token);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}

/** The call that a token claims to be of; undefined for what is no token. */
export function placeIn(token: string): CallPlace | undefined {
  const found = /^hft\.(\d{1,15})\.(\d{1,15})\.[\w-]{43}$/u.exec(token);
  return found === null ? undefined : { run: Number(found[1]), call: Number(found[2]) };
}
