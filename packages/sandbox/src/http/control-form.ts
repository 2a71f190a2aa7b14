// Bodies of the controls: JSON from programs, fields of a form from the page and the command line.

import { fromFields } from "../fault/form.ts";
import { BODY_BYTES_MAX, type RawBody, readObject } from "./body.ts";
import { ProblemError } from "./problem.ts";

/** Whether a request comes from a form. */
export function isForm(request: Request): boolean {
  const type = request.headers.get("content-type") ?? "";
  return type.startsWith("application/x-www-form-urlencoded");
}

/** Whether whoever asks reads pages. */
export function wantsPage(request: Request): boolean {
  return (request.headers.get("accept") ?? "").includes("text/html");
}

/** The body as an object, whichever way it came. @throws ProblemError 400, 413, 422 */
export async function readFields(request: Request): Promise<RawBody> {
  if (!isForm(request)) return readObject(request);
  const text = await request.text();
  if (text.length > BODY_BYTES_MAX) {
    throw new ProblemError("body_too_large", `A body has at most ${BODY_BYTES_MAX} bytes.`);
  }
  return fromFields(new URLSearchParams(text));
}
