// What a path means: which operation, how its body becomes a command, how the answer is shown in its dialect.

import type { z } from "zod";
import type { Command, Json } from "../command/command.ts";
import type { NeededScope } from "../agent/scope.ts";
import type { Service } from "../limit/rate-limits.ts";
import type { Aliases } from "./alias.ts";
import type { Venue } from "../venue.ts";
import { type RawBody, parseBody } from "./body.ts";
import type { InFlight } from "./in-flight.ts";

/** The guides' hosts. Reached by Host header (faucet.purpleflea.com) or by prefix (/@faucet). */
export const HOSTS = ["main", "faucet", "escrow"] as const;
export type Host = (typeof HOSTS)[number];

interface Place {
  readonly host: Host;
  /** A part that begins with a colon matches anything but a slash. */
  readonly path: string;
  /** No API key needed. */
  readonly open?: boolean;
  /** What the API key must be allowed to do. Default: by kind and path. */
  readonly scope?: NeededScope;
  /** The rate limit that it counts against. Default: by operation, kind and path. */
  readonly service?: Service;
  /** What is answered, as it goes over the wire, for the OpenAPI document. Default: any object. */
  readonly response?: z.ZodType;
}

export interface WriteRoute extends Place {
  readonly kind: "write";
  readonly method: "POST";
  readonly operation: Command["operation"];
  readonly aliases: Aliases;
  /** What the body must be, in this path's own spelling. */
  readonly schema: z.ZodType;
  /** The path has no host prefix. @throws ProblemError 400, 422 */
  readonly command: (body: RawBody, path: string) => Command;
  /** Adds what this dialect's callers read. */
  readonly render?: ((body: Json, request: RawBody) => Json) | undefined;
}

/** What a read is answered from. */
export interface Asked {
  readonly venue: Venue;
  readonly inFlight: InFlight;
  /** Empty on a path that is open to everybody. */
  readonly agent: string;
  readonly url: URL;
  /** Without a host prefix. */
  readonly path: string;
  /** Of a question that is posted; else empty. */
  readonly body: RawBody;
  /** What faults do to the answer. */
  readonly told?: Told;
}

export interface Told {
  /** The instant whose market data are told. Default: now. */
  readonly marketAt?: number | undefined;
  /** Keys of at least this age are forgotten. Default: that of the venue. */
  readonly keyTtlMs?: number | undefined;
  /** Milliseconds by which the time that is told is off. */
  readonly skewMs?: number;
}

export interface ReadRoute extends Place {
  readonly kind: "read";
  /** "POST" where what is asked for is too much for an address. */
  readonly method: "GET" | "POST";
  readonly operation: string;
  readonly answer: (asked: Asked) => Json;
  /** What may come after the question mark, for the OpenAPI document. */
  readonly query?: z.ZodObject;
  /** Adds what this dialect's callers read. */
  readonly render?: (body: Json, url: URL) => Json;
}

type Shared = Pick<Place, "open" | "scope" | "service" | "response">;

export type ReadOptions = Pick<ReadRoute, "answer" | "render" | "query"> & Shared;

export type Route = WriteRoute | ReadRoute;

export interface WriteOptions<Schema extends z.ZodType> extends Shared {
  readonly schema: Schema;
  readonly command: (body: z.output<Schema>, path: string) => Command;
  readonly aliases?: Aliases;
  readonly render?: WriteRoute["render"];
}

/** The host that a request means, and its path without a prefix. */
export function place(
  hostHeader: string,
  path: string,
): { readonly host: Host; readonly path: string } {
  const prefix = PREFIX.exec(path);
  if (prefix !== null) return { host: prefix[1] as Host, path: prefix[2] ?? "/" };
  return { host: HOSTS.find((host) => hostHeader.startsWith(`${host}.`)) ?? "main", path };
}

const PREFIX = new RegExp(`^/@(${HOSTS.join("|")})(/.*)$`, "u");

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

/** A path that changes something. */
export function write<Schema extends z.ZodType>(
  host: Host,
  path: string,
  operation: Command["operation"],
  { schema, command, aliases = {}, ...options }: WriteOptions<Schema>,
): WriteRoute {
  return {
    kind: "write",
    method: "POST",
    host,
    path,
    operation,
    aliases,
    schema,
    command: (body, given) => command(parseBody(schema, body), given),
    ...options,
  };
}

/** A path that only shows. */
export function read(host: Host, path: string, operation: string, options: ReadOptions): ReadRoute {
  return { kind: "read", method: "GET", host, path, operation, ...options };
}

/** A path that only shows, asked by posting. */
export function ask(host: Host, path: string, operation: string, options: ReadOptions): ReadRoute {
  return { kind: "read", method: "POST", host, path, operation, ...options };
}
