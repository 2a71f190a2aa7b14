// Reads what stands in a path after the question mark, by schema.

import type { z } from "zod";
import { parseBody } from "./body.ts";

/** @throws ProblemError 422 */
export function queried<Schema extends z.ZodType>(schema: Schema, url: URL): z.output<Schema> {
  return parseBody(schema, Object.fromEntries(url.searchParams));
}
