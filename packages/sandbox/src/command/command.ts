// What callers want of the venue, freed of dialects: one shape per operation, whatever path it came by.

import type { Usdc } from "@holdfast/core";
import type { Side } from "../trade/perpetual.ts";

export type Command =
  | { readonly operation: "register"; readonly name: string; readonly description: string }
  | { readonly operation: "claim" }
  | {
      readonly operation: "open";
      readonly symbol: string;
      readonly side: Side;
      /** Value in USDC, or quantity in 1e-8 of the asset. */
      readonly size: { readonly kind: "value"; readonly amount: Usdc } | { readonly kind: "quantity"; readonly quantity: bigint };
      readonly leverage: number;
    }
  | { readonly operation: "close"; readonly positionId: string }
  | { readonly operation: "close-all" };

export type Operation = Command["operation"];

/** How a key came: it decides how a repetition is answered. */
export type KeyCarrier = "header" | "client_request_id" | "idempotency_key";

export interface Sender {
  /** Empty for a registration, which nobody has signed. */
  readonly agent: string;
  readonly key: string | undefined;
  readonly carrier: KeyCarrier | undefined;
  readonly ref: string | undefined;
}

export type Json = Readonly<Record<string, unknown>>;

/** An answer for good: done, or refused by rule. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** What an operation did. */
export interface Outcome extends Answer {
  /** True when it changed anything. */
  readonly effect: boolean;
  /** Money moved, for the audit. */
  readonly amount: Usdc;
  readonly event?: { readonly type: string; readonly payload: Json } | undefined;
  /** Answers that must not lie in the file as they are. */
  readonly secret?: boolean;
  /** Seconds after which the same may be asked again; such an answer is not kept under its key. */
  readonly retryAfterS?: number;
}

/** A refusal by rule, as a problem document. */
export function refusal(status: number, code: string, detail: string, more: Json = {}): Outcome {
  return {
    status,
    body: { type: `https://holdfast.dev/venue/${code}`, title: code.replaceAll("_", " "), status, code, detail, ...more },
    effect: false,
    amount: 0n as Usdc,
  };
}
