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
  /** Runs whose coroutines a worker keeps. Default 500, about 0.25 MB each. */
  readonly cachedWorkflows?: number | undefined;
  /** How long a stop waits for attempts, in milliseconds. Default 30 s. */
  readonly drainMs?: number | undefined;
}

/** The options of a project whose store of intents is open. */
export type OpenOptions = Omit<TemporalOptions, "intents"> & {
  readonly intents?: IntentStore | undefined;
};
