// Errors as problem documents (RFC 9457) with a stable `code`.

import { z } from "zod";

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string().optional(),
  code: z.string(),
});

export type Problem = z.infer<typeof Problem>;
