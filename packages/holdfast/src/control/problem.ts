// Failures as problem documents (RFC 9457) with the code by which they are recognised.

import { type Failure, HoldfastError } from "@holdfast/core";
import { pageOf } from "./page.ts";
import { plain } from "./plain.ts";

const STATUSES: Readonly<Record<string, number>> = {
  "HF-CONTROL-MALFORMED": 400,
  "HF-CONTROL-TOKEN": 401,
  "HF-CONTROL-FORBIDDEN": 403,
  "HF-CONTROL-UNKNOWN-PATH": 404,
  "HF-RUN-UNKNOWN": 404,
  "HF-WORKFLOW-UNKNOWN": 404,
  "HF-APPROVAL-UNKNOWN": 404,
  "HF-RESULT-TIMEOUT": 408,
  "HF-APPROVAL-DECIDED": 409,
  "HF-APPROVAL-OWN": 409,
  "HF-GUARD-NOTHING-TO-LIFT": 409,
  "HF-RUN-EXISTS": 409,
  "HF-RUN-CLOSED": 409,
  "HF-RUN-MOVED": 409,
  "HF-ENGINE-DRAINED": 409,
  "HF-NOT-LEAVING": 409,
  "HF-NOT-IN-DOUBT": 409,
  "HF-NO-DEAD-LETTER": 409,
  "HF-NOT-RESUMABLE": 409,
  "HF-RUN-STUCK": 409,
  "HF-UPDATE-UNHANDLED": 409,
  "HF-RESEND-UNSAFE": 409,
  "HF-CONTROL-TOO-LARGE": 413,
  "HF-PAYLOAD-TOO-LARGE": 413,
  "HF-CONTROL-MEDIA-TYPE": 415,
  "HF-ENGINE-CLOSED": 503,
  "HF-OVERLOADED": 503,
  "HF-STORE-FAILED": 503,
  "HF-STATE-READONLY": 503,
  "HF-STATE-FULL": 507,
};

export function problem(failure: Failure): Response {
  const status = STATUSES[failure.code] ?? statusOf(failure);
  const document = {
    type: pageOf(failure.code) ?? "about:blank",
    title: failure.code,
    status,
    detail: failure.message,
    code: failure.code,
    details: plain(failure.details),
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
      ...(failure.retryAfterMs === undefined
        ? {}
        : { "retry-after": String(Math.ceil(failure.retryAfterMs / 1_000)) }),
    },
  });
}

/** What the sender can mend is his; the rest is ours. */
function statusOf(failure: Failure): number {
  if (failure.disposition === "refused" || failure.class === "data") return 422;
  return 500;
}

/** A request that is refused; nothing has happened. */
export function refusal(code: string, message: string): HoldfastError {
  return new HoldfastError(code, message, {
    class: "data",
    disposition: "refused",
    outcome: "not-sent",
  });
}
