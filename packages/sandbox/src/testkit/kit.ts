// What the sandbox's own tests share: a venue over real HTTP whose clock stands still and whose invariants are
// checked after every transaction, and callers that speak plain JSON.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, type SandboxOptions, openSandbox } from "../sandbox.ts";
import type { AnswerBody } from "./answer-body.ts";

/** Monday, 5 January 2026, 09:00 UTC. */
export const START = 1_767_603_600_000;
export const HOUR_MS = 3_600_000;

export interface Answer {
  readonly status: number;
  readonly body: AnswerBody;
  readonly text: string;
  readonly headers: Headers;
}

export interface CallOptions {
  readonly method?: string;
  /** JSON, or text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One request; rejects where no answer comes. */
export async function call(url: string, options: CallOptions = {}): Promise<Answer> {
  const { body, headers = {}, signal } = options;
  const response = await fetch(url, {
    method: options.method ?? (body === undefined ? "GET" : "POST"),
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  return {
    status: response.status,
    body: (isJson ? JSON.parse(text) : {}) as AnswerBody,
    text,
    headers: response.headers,
  };
}

/** A venue in memory at `START`, frozen and verified. */
export function openTestSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  return openSandbox({
    path: ":memory:",
    clock: { mode: "frozen", now: START },
    verify: true,
    identitySeed: "test",
    ...options,
  });
}

export interface TestAgent {
  readonly id: string;
  readonly apiKey: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  post(
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<Answer>;
}

export async function registerAgent(sandbox: Sandbox, name = "test"): Promise<TestAgent> {
  const { body } = await call(`${sandbox.url}/@faucet/api/register`, { body: { name } });
  return agentOf(sandbox, body.agent_id, body.api_key);
}

export function agentOf(sandbox: Pick<Sandbox, "url">, id: string, apiKey: string): TestAgent {
  const authorization = { authorization: `Bearer ${apiKey}` };
  return {
    id,
    apiKey,
    get: (path, headers) =>
      call(`${sandbox.url}${path}`, { headers: { ...authorization, ...headers } }),
    post: (path, body = {}, headers = {}, signal) =>
      call(`${sandbox.url}${path}`, {
        body,
        headers: { ...authorization, ...headers },
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}

/** A request to the controls, with their token. */
export function control(
  sandbox: Sandbox,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { controlUrl, controlToken } = sandbox;
  return call(`${controlUrl}/_sandbox${path}`, {
    ...options,
    headers: { authorization: `Bearer ${controlToken}`, ...options.headers },
  });
}

export interface TestFolder extends Disposable {
  readonly path: (name: string) => string;
}

export function testFolder(): TestFolder {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-sandbox-"));
  return {
    path: (name) => join(folder, name),
    [Symbol.dispose]: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
