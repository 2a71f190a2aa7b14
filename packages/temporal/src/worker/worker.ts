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
import type { ConnectionSecrets, TemporalOptions } from "../options.ts";
import type { WatchSinks } from "../workflow/watch.ts";
import type { Version } from "./version.ts";

/** Runs whose coroutines are kept; each takes about 0.25 MB. */
export const CACHED_WORKFLOWS = 500;
const WORKFLOW_TASKS = 40;
/** Attempts that have begun and not ended, at most. */
const ATTEMPTS = 200;
/** Questions for work that are open at the server, of each kind. */
const POLLS = 10;
/** How much longer a stop takes than the attempts it waits for, in milliseconds, at most. */
const FORCE_MS = 5_000;
/** How long a stop waits for attempts, in milliseconds; then they are left to other workers. */
export const DRAIN_MS = 30_000;

export interface WorkerRequest {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly workflowBundle: NonNullable<WorkerOptions["workflowBundle"]>;
  readonly interceptors: readonly ActivityInterceptorsFactory[];
  readonly sinks: InjectedSinks<WatchSinks>;
  readonly log: Log;
  readonly limits: Pick<TemporalOptions, "attempts" | "cachedWorkflows" | "drainMs" | "polls">;
  /** Present where it serves one version of the code beside workers that serve others. */
  readonly version?: Version | undefined;
  /** Told when it ends by itself. */
  readonly onFailed?: ((error: unknown) => void) | undefined;
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
  const { drainMs = DRAIN_MS, attempts = ATTEMPTS, polls = POLLS } = request.limits;
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
    maxCachedWorkflows: request.limits.cachedWorkflows ?? CACHED_WORKFLOWS,
    maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS,
    maxConcurrentWorkflowTaskPolls: Math.max(2, polls),
    maxConcurrentActivityTaskExecutions: attempts,
    maxConcurrentActivityTaskPolls: polls,
    shutdownGraceTime: drainMs,
    shutdownForceTime: drainMs + (request.forceMs ?? FORCE_MS),
    ...(request.version === undefined ? {} : { workerDeploymentOptions: pinned(request.version) }),
    ...(request.stickyMs === undefined
      ? {}
      : { stickyQueueScheduleToStartTimeout: request.stickyMs }),
  });
  const ended = worker.run();
  let isStopping = false;
  ended.catch((error: unknown) => {
    if (!isStopping) request.onFailed?.(endedByItself(error));
    else request.log.warn("A stop did not wait for all.", { failure: toFailure(error).message });
  });
  return {
    worker,
    ended,
    async stop() {
      isStopping = true;
      if (worker.getState() === "RUNNING") worker.shutdown();
      await ended;
    },
  };
}

function endedByItself(cause: unknown): HoldfastError {
  return new HoldfastError(
    "HF-TEMPORAL-WORKER",
    `The worker has ended by itself: ${toFailure(cause).message}. It takes no more work; start it again.`,
    { class: "resource", disposition: "terminal", outcome: "unknown", cause },
  );
}

/** Every run stays with the code of its generation: nothing is guessed about which of them move money. */
function pinned({
  deployment,
  build,
}: Version): NonNullable<WorkerOptions["workerDeploymentOptions"]> {
  return {
    version: { deploymentName: deployment, buildId: build },
    useWorkerVersioning: true,
    defaultVersioningBehavior: "PINNED",
  };
}

/** @throws HF-TEMPORAL-UNREACHABLE */
export async function connectWorker(
  options: ConnectionSecrets & { readonly address: string },
): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(options);
  } catch (cause) {
    throw unreachable(options.address, cause, options.apiKey);
  }
}

/** The message names the address and no option that holds a secret, whatever the cause says. */
export function unreachable(address: string, cause: unknown, apiKey = ""): HoldfastError {
  const { message } = toFailure(cause);
  // A key that cannot be sent stands in the SDK's message about it.
  const told = apiKey !== "" ? message.replaceAll(apiKey, "…") : message;
  return new HoldfastError(
    "HF-TEMPORAL-UNREACHABLE",
    `Cannot reach the Temporal server at ${address}: ${told}. Start it, or set the address; npm run services -- temporal starts one for tests.`,
    { class: "network", disposition: "retry", outcome: "not-sent" },
  );
}
