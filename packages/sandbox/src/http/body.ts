// Reads a request's body: a JSON object of limited size, parsed by schema, refused with the names of the fields
// that do not fit.

import type { IncomingMessage } from "node:http";
import type { z } from "zod";
import { ProblemError } from "./problem.ts";

/** Largest body, in bytes. */
export const BODY_BYTES_MAX = 256 * 1024;
/** Problems listed in one answer. */
const PROBLEMS_MAX = 10;

export type RawBody = Readonly<Record<string, unknown>>;

/** The body as a JSON object; an absent one is empty. @throws ProblemError 400, 413, 415, 422 */
export async function readObject(request: Request): Promise<RawBody> {
  const { headers } = request;
  checkHead(headers.get("content-length"), headers.get("content-encoding"));
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = request.body ?? [];
  for await (const chunk of body) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw tooLarge();
    chunks.push(chunk);
  }
  return toObject(Buffer.concat(chunks));
}

/** The same of a request as Node has it. @throws ProblemError 400, 413, 415, 422 */
export async function readIncoming(incoming: IncomingMessage): Promise<RawBody> {
  const { headers } = incoming;
  checkHead(headers["content-length"], headers["content-encoding"]);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on("data", (chunk: Buffer) => {
    size += chunk.length;
    // What comes after it is let go by, so that the answer reaches a caller who still sends.
    if (size > BODY_BYTES_MAX) reject(tooLarge());
    else chunks.push(chunk);
  });
  const endedEarly = (): void => {
    reject(new ProblemError("malformed_body", "The body ended before it was whole."));
  };
  incoming.once("end", () => {
    incoming.off("close", endedEarly);
    resolve(Buffer.concat(chunks));
  });
  incoming.once("error", endedEarly);
  incoming.once("close", endedEarly);
  return toObject(await promise);
}

/** @throws ProblemError 413, 415 */
function checkHead(length: string | null | undefined, encoding: string | null | undefined): void {
  if (Number(length ?? 0) > BODY_BYTES_MAX) throw tooLarge();
  if (encoding === null || encoding === undefined || encoding === "identity") return;
  const detail = "Bodies are taken as they are, without a Content-Encoding.";
  throw new ProblemError("unsupported_encoding", detail);
}

/** @throws ProblemError 400, 422 */
function toObject(bytes: Buffer): RawBody {
  const text = decode(bytes);
  const value = text.trim() === "" ? {} : parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProblemError("malformed_body", "The body must be a JSON object.");
  }
  return value as RawBody;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new ProblemError("malformed_json", "The body is not UTF-8.");
  }
}

/** Applies a schema. @throws ProblemError 422 */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, PROBLEMS_MAX)
    .map((issue) => `${issue.path.map(String).join(".") || "body"}: ${issue.message}`);
  throw new ProblemError("invalid_request", problems.join("; "), { problems });
}

const STRING = /"(?:[^"\\]|\\.)*"/gsu;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Some JSON writers send these as they are; the number is wrong then, not the syntax.
    const bare = /\b(?:NaN|Infinity)\b/u.exec(text.replaceAll(STRING, '""'))?.[0];
    if (bare === undefined) throw new ProblemError("malformed_json", "The body is not JSON.");
    throw new ProblemError("invalid_request", `${bare} is not an amount.`);
  }
}

function tooLarge(): ProblemError {
  const detail = `A body has at most ${BODY_BYTES_MAX} bytes.`;
  return new ProblemError("body_too_large", detail, {}, { connection: "close" });
}
