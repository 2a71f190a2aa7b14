// Reads a request's body: JSON of limited size, parsed by schema, refused with the path of what does not fit.

import { ProblemError } from "./problem.ts";
import type { z } from "zod";

/** Largest body, in bytes. */
export const BODY_BYTES_MAX = 256 * 1024;

export async function readBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.output<Schema>> {
  const text = await readText(request);
  let value: unknown;
  try {
    value = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new ProblemError(400, "malformed_json", "The body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProblemError(400, "malformed_body", "The body must be a JSON object.");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.map(String).join(".") || "body"}: ${issue.message}`);
  throw new ProblemError(422, "invalid_request", problems.slice(0, 10).join("; "), { problems: problems.slice(0, 10) });
}

async function readText(request: Request): Promise<string> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > BODY_BYTES_MAX) throw tooLarge();
  const reader = request.body?.getReader();
  if (reader === undefined) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > BODY_BYTES_MAX) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(part.value);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLarge(): ProblemError {
  return new ProblemError(413, "body_too_large", `A body has at most ${BODY_BYTES_MAX} bytes.`);
}
