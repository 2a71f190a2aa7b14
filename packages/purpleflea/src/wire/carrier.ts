// What every write may carry beside its own fields: the caller's key (its name for this one effect) and the
// caller's ref (the name of the business decision behind it). A key makes a repetition harmless; a ref only
// lets an audit count.

import { z } from "zod";

/** Longest key and longest ref, in characters. */
export const CARRIED_LENGTH_MAX = 255;

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/u;

/** A key or a ref: 1 to 255 characters, no control characters, no half characters (lone surrogates). */
export const CarriedText: z.ZodType<string, string> = z
  .string()
  .min(1)
  .max(CARRIED_LENGTH_MAX)
  .refine((text) => text.isWellFormed() && !CONTROL.test(text), {
    error: "expected text without control characters",
  });

/**
 * The carriers in a body. The header `Idempotency-Key` does the same as `client_request_id`, and
 * `X-Holdfast-Ref` (percent-encoded) the same as `ref`. A repetition under `idempotency_key` is answered 409
 * with the original body and `duplicate: true`, under the others with the original status.
 */
export const Carriers = z.object({
  client_request_id: CarriedText.optional(),
  idempotency_key: CarriedText.optional(),
  ref: CarriedText.optional(),
});

export type Carriers = z.output<typeof Carriers>;

/** What the second guide's 409 adds to the original answer. */
export const Duplicate = z.object({
  duplicate: z.literal(true),
  original_status: z.number().int(),
});

export type Duplicate = z.output<typeof Duplicate>;
