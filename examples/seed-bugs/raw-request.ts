// One request as the guides' samples make it: plain HTTP, without the typed client. It names its decision, so that
// the venue's audit can count what came of it.

import type { TestProject } from "holdfast/testing";

export interface RawAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Rejects where the connection is lost: nobody knows then what happened. */
export async function post(
  { venue }: TestProject,
  path: string,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const response = await fetch(`${venue.url}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${venue.apiKey()}`,
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as RawAnswer["body"] };
}
