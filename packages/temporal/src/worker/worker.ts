// A worker of Temporal's SDK with our settings: one task queue for workflows and activities, so that an activity
// begins at once where its workflow has run, explicit limits, and an orderly end.

import { HoldfastError, type Log, toFailure } from "@holdfast/core";
import {
  type ActivityInterceptorsFactory,
  type InjectedSinks,
  NativeConnection,
  Worker,
  type WorkerOptions,
} from "@temporalio/worker";
import type { WatchSinks } from "../workflow/watch.ts";

/** Runs whose coroutines are kept; each takes about 0.25 MB. */
export const CACHED_WORKFLOWS = 500;
const WORKFLOW_TASKS = 40;
const WORKFLOW_POLLS = 10;
const ACTIVITIES = 200;
const ACTIVITY_POLLS = 10;
/** How long a stop waits for attempts, in milliseconds; then they are left to other workers. */
export const DRAIN_MS = 30_000;
const FORCE_MS = 5_000;

export interface WorkerRequest {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly workflowBundle: NonNullable<WorkerOptions["workflowBundle"]>;
  readonly interceptors: readonly ActivityInterceptorsFactory[];
  readonly sinks: InjectedSinks<WatchSinks>;
  readonly log: Log;
  readonly cachedWorkflows?: number | undefined;
  readonly drainMs?: number | undefined;
  /** How long after that a stop waits for what does not hear of it, in milliseconds. */
  readonly forceMs?: number | undefined;
  /** How long a task waits for the worker that has its run, before any worker may take it. */
  readonly stickyMs?: number | undefined;
  /** Makes the worker. Default: the SDK's. */
  readonly create?: ((options: WorkerOptions) => Promise<Worker>) | undefined;
}

export interface RunningWorker {
  readonly worker: Worker;
  /** Resolves when it has ended; rejects when it did not end in order. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export async function startWorker(request: WorkerRequest): Promise<RunningWorker> {
  const { connection, namespace, taskQueue, workflowBundle, interceptors, sinks } = request;
  const drainMs = request.drainMs ?? DRAIN_MS;
  const create = request.create ?? ((options: WorkerOptions) => Worker.create(options));
  const worker = await create({
    connection,
    namespace,
    taskQueue,
    workflowBundle,
    // Every activity is looked up by its name in the interceptor.
    activities: { default: async () => undefined },
    interceptors: { activity: [...interceptors] },
    sinks,
    maxCachedWorkflows: request.cachedWorkflows ?? CACHED_WORKFLOWS,
    maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS,
    maxConcurrentWorkflowTaskPolls: WORKFLOW_POLLS,
    maxConcurrentActivityTaskExecutions: ACTIVITIES,
    maxConcurrentActivityTaskPolls: ACTIVITY_POLLS,
    shutdownGraceTime: drainMs,
    shutdownForceTime: drainMs + (request.forceMs ?? FORCE_MS),
    ...(request.stickyMs === undefined
      ? {}
      : { stickyQueueScheduleToStartTimeout: request.stickyMs }),
  });
  const ended = worker.run();
  ended.catch((error: unknown) => {
    request.log.error("A worker has ended out of order.", { failure: toFailure(error).message });
  });
  return {
    worker,
    ended,
    async stop() {
      if (worker.getState() === "RUNNING") worker.shutdown();
      await ended;
    },
  };
}

/** @throws HF-TEMPORAL-UNREACHABLE */
export async function connectWorker(
  options: Parameters<typeof NativeConnection.connect>[0] & { readonly address: string },
): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(options);
  } catch (cause) {
    throw unreachable(options.address, cause);
  }
}

/** The message names the address and no option that holds a secret. */
export function unreachable(address: string, cause: unknown): HoldfastError {
  const { message } = toFailure(cause);
  return new HoldfastError(
    "HF-TEMPORAL-UNREACHABLE",
    `Cannot reach the Temporal server at ${address}: ${message}. Start it, or set the address; npm run services -- temporal starts one for tests.`,
    { class: "network", disposition: "retry", outcome: "not-sent" },
  );
}
