// GET /api/status: whether the venue is up, which one it is, and its time.

import { z } from "zod";

export const StatusResponse = z.object({
  status: z.string(),
  /** The venue's instance id: another state file is another venue. */
  venue: z.string().optional(),
  mode: z.enum(["paper", "live"]).optional(),
  /** The venue's clock, in milliseconds since the epoch. */
  time_ms: z.number().optional(),
});

export type StatusResponse = z.output<typeof StatusResponse>;
