// GET /api/idempotency/:key: what became of a write (an extension of the paper venue). `?operation=open`
// narrows it; without it the newest write under the key answers, whatever its operation.

import { z } from "zod";

export const IdempotencyResponse = z.discriminatedUnion("state", [
  /** Never seen, refused without being kept, or older than 24 hours: it may be sent. */
  z.object({ state: z.literal("unknown") }),
  /** Received and not yet carried out: it may still happen. */
  z.object({ state: z.literal("in_flight"), operation: z.string().optional() }),
  z.object({
    state: z.literal("done"),
    operation: z.string(),
    /** Status and body of the original answer; a refusal is an answer, too. */
    status: z.number(),
    body: z.unknown(),
    /** When, in milliseconds since the epoch. */
    at: z.number().optional(),
    ref: z.string().nullable().optional(),
  }),
]);

export type IdempotencyResponse = z.output<typeof IdempotencyResponse>;
