// How the paper venue plays another venue's spelling: a front before its own API that rewrites each request, and
// each answer. The model behind is the same, and so are accounts, faults, clock and audit.

import type { Venue } from "../venue.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** A request as it reached the front. */
export interface FrontRequest {
  readonly body: Fields;
  readonly url: URL;
  readonly venue: Venue;
  /** The agent whose API key it shows; empty where it shows none. */
  readonly agent: string;
}

/** One path of the dialect. */
export interface FrontRoute {
  readonly method: "GET" | "POST";
  readonly host: string;
  readonly path: string;
  /** Path of the venue's own API that answers for it. */
  readonly inner: string;
  /** The body in the venue's own spelling. @throws FrontProblem where it is refused */
  readonly request?: (request: FrontRequest) => Fields;
  readonly answer: (inner: Fields, request: FrontRequest) => Fields;
}

export interface Front {
  readonly hosts: readonly string[];
  readonly routes: readonly FrontRoute[];
  /** An error in the dialect's own form, with its own status. */
  readonly problem: (status: number, inner: Fields, path: string) => FrontProblem;
}

/** A refusal in the dialect's own form. */
export class FrontProblem extends Error {
  readonly status: number;
  readonly body: Fields;

  constructor(status: number, error: string, message: string) {
    super(message);
    this.status = status;
    this.body = { error, message };
  }
}
