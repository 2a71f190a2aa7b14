// What a path means: which operation, how its body becomes a command, how the answer is shown in its dialect.

import type { z } from "zod";
import type { Command, Json } from "../command/command.ts";
import type { Aliases } from "./alias.ts";
import type { RawBody } from "./body.ts";

/** The guides' hosts. Reached by Host header (faucet.purpleflea.com) or by prefix (/@faucet). */
export type Host = "main" | "faucet";

interface Place {
  readonly host: Host;
  /** A part that begins with a colon matches anything but a slash. */
  readonly path: string;
  /** No API key needed. */
  readonly open?: boolean;
}

export interface WriteRoute extends Place {
  readonly kind: "write";
  readonly method: "POST";
  readonly operation: Command["operation"];
  readonly aliases: Aliases;
  /** @throws ProblemError 422 */
  readonly command: (body: RawBody) => Command;
  /** Adds what this dialect's callers read. */
  readonly render?: (body: Json, request: RawBody) => Json;
}

export type ReadOperation =
  | "balance"
  | "transactions"
  | "positions"
  | "portfolio"
  | "prices"
  | "candles"
  | "orders"
  | "order"
  | "status"
  | "idempotency";

export interface ReadRoute extends Place {
  readonly kind: "read";
  readonly method: "GET";
  readonly operation: ReadOperation;
  readonly render?: (body: Json, url: URL) => Json;
}

export type Route = WriteRoute | ReadRoute;

export interface WriteOptions<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly command: (body: z.output<Schema>) => Command;
  readonly aliases?: Aliases;
  readonly render?: WriteRoute["render"];
  readonly open?: boolean;
}

/** The host that a request means, and its path without a prefix. */
export function place(
  hostHeader: string,
  path: string,
): { readonly host: Host; readonly path: string } {
  const prefix = /^\/@(faucet|main)(\/.*)$/u.exec(path);
  if (prefix !== null) return { host: prefix[1] as Host, path: prefix[2] ?? "/" };
  return { host: hostHeader.startsWith("faucet.") ? "faucet" : "main", path };
}

/** Whether a route's path is this one. */
export function isPath(pattern: string, path: string): boolean {
  if (!pattern.includes(":")) return pattern === path;
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return false;
  return wanted.every((part, index) => {
    const found = given[index] ?? "";
    return part.startsWith(":") ? found !== "" : part === found;
  });
}
