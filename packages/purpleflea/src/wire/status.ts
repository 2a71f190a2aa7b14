// GET …/status: whether the venue is up, which one it is, and its time.

import { z } from "zod";

export const StatusResponse = z.object({
  status: z.string(),
  venue: z.string().optional(),
  mode: z.enum(["paper", "live"]).optional(),
  time_ms: z.number().optional(),
});
