// The server as our client asks it: each question with the namespace and the ids as the server knows them, and
// what it refuses told in our words.

import { type Failure, HoldfastError } from "@holdfast/core";
import { Connection, isGrpcServiceError } from "@temporalio/client";
import { deadlineIn, pause } from "../clock/every.ts";
import type { ConnectionSecrets } from "../options.ts";
import { unreachable } from "../worker/worker.ts";

export type Service = Connection["workflowService"];

/** Codes of gRPC that are looked at here. */
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const DEADLINE = 4;
const INVALID = 3;
const EXHAUSTED = 8;
const UNAVAILABLE = 14;
const PRECONDITION = 9;
const DENIED = 7;
const UNAUTHENTICATED = 16;
const UNIMPLEMENTED = 12;

export const CODES = {
  NOT_FOUND,
  ALREADY_EXISTS,
  DEADLINE,
  INVALID,
  EXHAUSTED,
  UNAVAILABLE,
  PRECONDITION,
  DENIED,
  UNIMPLEMENTED,
} as const;

/** How long a server may take to answer the first question, in milliseconds. */
const CONNECT_MS = 10_000;
const RETRIES = 5;
const AGAIN_MS = 100;

const CHANNEL = {
  // Another connection to the same address does not wait for what this one waits for.
  "grpc.use_local_subchannel_pool": 1,
  /** How long a server that was away is let alone, in milliseconds. */
  "grpc.max_reconnect_backoff_ms": 5_000,
  /** Pages of a history hold several values, each up to its limit. */
  "grpc.max_receive_message_length": 128 * 1_024 * 1_024,
} as const;

export interface ServerOptions {
  readonly address: string;
  readonly namespace: string;
  readonly prefix: string;
  readonly connection: ConnectionSecrets;
}

export class Server implements AsyncDisposable {
  readonly address: string;
  readonly namespace: string;
  readonly prefix: string;
  readonly connection: Connection;

  private constructor({ address, namespace, prefix }: ServerOptions, connection: Connection) {
    this.address = address;
    this.namespace = namespace;
    this.prefix = prefix;
    this.connection = connection;
  }

  /** @throws HF-TEMPORAL-UNREACHABLE, HF-TEMPORAL-DENIED, HF-TEMPORAL-NAMESPACE */
  static async connect(options: ServerOptions): Promise<Server> {
    let connection: Connection;
    try {
      // Whoever connects in advance waits for a server that is not there; a question is answered at once.
      connection = Connection.lazy({
        ...options.connection,
        address: options.address,
        // What may be asked again is known here: the client of the SDK would repeat limits, too.
        interceptors: [],
        channelArgs: CHANNEL,
      });
    } catch (cause) {
      throw refusal(options, cause);
    }
    const server = new Server(options, connection);
    try {
      const { namespace } = options;
      await connection.withDeadline(deadlineIn(CONNECT_MS), () =>
        server.service.describeNamespace({ namespace }),
      );
    } catch (error) {
      await connection.close();
      if (codeOf(error) !== NOT_FOUND) throw refusal(options, error);
      throw new HoldfastError(
        "HF-TEMPORAL-NAMESPACE",
        `Cannot use namespace "${options.namespace}" of the Temporal server at ${options.address}: it has none of this name. Create it: temporal operator namespace create --namespace ${options.namespace}.`,
        { class: "state", disposition: "terminal", outcome: "not-sent" },
      );
    }
    return server;
  }

  get service(): Service {
    return this.connection.workflowService;
  }

  /** The id of a run as the server knows it. */
  at(id: string): string {
    return `${this.prefix}${id}`;
  }

  idOf(workflowId: string | null | undefined): string {
    return (workflowId ?? "").slice(this.prefix.length);
  }

  execution(id: string, runId = ""): { workflowId: string; runId: string } {
    return { workflowId: this.at(id), runId };
  }

  /** Asks again where the server was away for a moment; for questions that may be asked twice. */
  async steadily<Value>(ask: () => Promise<Value>): Promise<Value> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask();
      } catch (error) {
        const code = codeOf(error);
        const isLimit = error instanceof Error && / limit /u.test(error.message);
        const isPassing = code === UNAVAILABLE || (code === EXHAUSTED && !isLimit);
        if (!isPassing || tries > RETRIES) throw error;
        await pause(AGAIN_MS * tries);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}

/** What a server that was not reached, or lets nobody in, comes to. */
function refusal({ address, connection }: ServerOptions, cause: unknown): HoldfastError {
  const code = codeOf(cause);
  if (code !== DENIED && code !== UNAUTHENTICATED) {
    return unreachable(address, cause, connection.apiKey);
  }
  return new HoldfastError(
    "HF-TEMPORAL-DENIED",
    `Cannot use the Temporal server at ${address}: it does not let this client in (${code === DENIED ? "permission denied" : "unauthenticated"}). Correct apiKey, tls, or the rights on the namespace.`,
    { class: "api", disposition: "terminal", outcome: "not-sent" },
  );
}

/** The code of gRPC; undefined for any other error. */
export function codeOf(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  const cause = error instanceof Error ? error.cause : undefined;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

export function runUnknown(id: string, action: string): HoldfastError {
  return new HoldfastError("HF-RUN-UNKNOWN", `Cannot ${action} run "${id}": no run has this id.`, {
    class: "data",
    disposition: "refused",
    outcome: "not-sent",
  });
}

export function runClosed(id: string, action: string, status: string): HoldfastError {
  return new HoldfastError("HF-RUN-CLOSED", `Cannot ${action} run "${id}": it is ${status}.`, {
    class: "state",
    disposition: "refused",
    outcome: "not-sent",
    details: { status },
  });
}

export function runStuck(id: string, action: string, problem: Failure | undefined): HoldfastError {
  return new HoldfastError(
    "HF-RUN-STUCK",
    `Cannot ${action} run "${id}": it is stuck. ${problem?.message ?? ""}`,
    { class: "state", disposition: "retry", outcome: "not-sent", cause: problem },
  );
}
