// What goes from attempt to attempt through the server, as the details of heartbeats.

import { type Encoded, type Failure, decode, encode } from "@holdfast/core";
import type { Judgement } from "../workflow/protocol.ts";

/** What goes from attempt to attempt through the server. */
export interface Left {
  readonly details?: Encoded | undefined;
  readonly nextAt?: number | undefined;
  /** Bodies that have begun: not every attempt of the server's has come so far. */
  readonly begun?: number | undefined;
  /** What it waits for until then. */
  readonly verdict?: Judgement["verdict"] | undefined;
  readonly lastFailure?: Failure | undefined;
}

export function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}

/** What an attempt left, as the server kept it. */
export function leftOf(text: Encoded | undefined): Left {
  return text === undefined ? {} : (decode(text) as Left);
}

export function textOfLeft(left: Left): Encoded {
  return encode(defined(left));
}
