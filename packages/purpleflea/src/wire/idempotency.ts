// GET …/idempotency/:key: what became of a write (an extension of the paper venue).

import { z } from "zod";

export const IdempotencyResponse = z.discriminatedUnion("state", [
  z.object({ state: z.literal("unknown") }),
  z.object({ state: z.literal("in_flight") }),
  z.object({
    state: z.literal("done"),
    operation: z.string(),
    status: z.number(),
    body: z.unknown(),
  }),
]);
