// What a project says about the Temporal cluster that runs it.

import type { IntentStore } from "@holdfast/core";
import type { ConnectionOptions } from "@temporalio/client";

/** Where tasks wait that no project has named a queue for. */
export const TASK_QUEUE = "holdfast";

export interface TemporalOptions {
  /** Host and port of the server's frontend. */
  readonly address: string;
  /** Namespace at the server, which must exist. */
  readonly namespace: string;
  /** Where tasks wait for workers of this project. Default "holdfast". */
  readonly taskQueue?: string | undefined;
  /** Stands before each workflow id at the server, where several projects share a namespace. Default: nothing. */
  readonly prefix?: string | undefined;
  /** First part of every key; the same on every worker, for ever. Default: the namespace. */
  readonly keys?: string | undefined;
  /**
   * Where intents are kept: one store for all workers of a project. A function is called when the project is opened,
   * and what it gives is closed with the project. Default: a file in the host's state folder, for one host; where
   * there is no folder, a worker with money activities does not start.
   */
  readonly intents?: IntentStore | (() => IntentStore | Promise<IntentStore>) | undefined;
  /** What tokens of `a.completeLater()` are made with: the same on every worker. Default: none can be made. */
  readonly secret?: string | undefined;
  /** TLS of the connection. Never logged. */
  readonly tls?: ConnectionOptions["tls"] | undefined;
  /** API key of the connection. Never logged. */
  readonly apiKey?: string | undefined;
  /** Creates the search attributes that are missing. Default: they are named, and nothing starts. */
  readonly setup?: boolean | undefined;
  /**
   * True: each run ends its generation on the code that it began it with, by workers that still serve that code, and
   * what begins anew begins on the newest. Default: all workers of a queue serve the same code.
   */
  readonly versioning?: boolean | undefined;
  /**
   * Folder of recorded histories (`*.json`), each of which the code must fit before it is given work. Default:
   * `histories` in the host's state folder, where there is one.
   */
  readonly histories?: string | undefined;
  /** Open runs of each workflow that the code must fit before it is given work, newest first. Default 25; 0: none. */
  readonly replayRuns?: number | undefined;
  /** Runs whose coroutines a worker keeps. Default 500, about 0.25 MB each. */
  readonly cachedWorkflows?: number | undefined;
  /** Attempts that a worker has begun and not ended, at most. Default 200. */
  readonly attempts?: number | undefined;
  /** Questions for work that a worker has open at the server, for workflows and for attempts each. Default 10. */
  readonly polls?: number | undefined;
  /** How long a stop waits for attempts, in milliseconds. Default 30 s. */
  readonly drainMs?: number | undefined;
}

/** The options of a project whose store of intents is open. */
export type OpenOptions = Omit<TemporalOptions, "intents"> & {
  readonly intents?: IntentStore | undefined;
};

/** What the SDK alone is told. */
export interface ConnectionSecrets {
  readonly tls?: NonNullable<ConnectionOptions["tls"]> | null;
  readonly apiKey?: string;
}

/** How the server is spoken to. Holds secrets: for the SDK alone. */
export function connectionOf({
  tls,
  apiKey,
}: Pick<TemporalOptions, "tls" | "apiKey">): ConnectionSecrets {
  return {
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
}
