// Versions of a project's code at the server: which one new runs begin on, which ones still have runs, and who
// serves them. A version becomes current when it is served for the first time, and by a person after that: an old
// worker that comes back must not turn back a deploy.

import { HoldfastError, type Log } from "@holdfast/core";
import { quoted } from "../client/list.ts";
import { CODES, type Server, codeOf } from "../client/server.ts";
import { deadlineIn, pause } from "../clock/every.ts";
import { type Version, deploymentOf, versionText } from "../worker/version.ts";

interface ServedVersion {
  readonly build: string;
  readonly isCurrent: boolean;
  readonly wasCurrent: boolean;
  /** Open runs that end their generation on it. */
  readonly open: number;
  /** Workers that asked for its work within the last minute. */
  readonly workers: number;
}

/** How long the server may take to know a version whose worker asks for work, in milliseconds. */
const KNOWN_MS = 30_000;
const ASK_MS = 100;
/** A worker asks again after a minute at the latest. */
const ALIVE_MS = 70_000;
/** Task queues of the server's second kind hold activities; ours serve both. */
const WORKFLOW_QUEUE = 1;

/** @throws HF-TEMPORAL-UNVERSIONED where the server knows no versions of workers */
export async function assertVersions(server: Server, taskQueue: string): Promise<void> {
  // It is asked of one that is not there.
  const deploymentVersion = { deploymentName: deploymentOf(taskQueue), buildId: "any" };
  try {
    await server.steadily(() =>
      server.service.describeWorkerDeploymentVersion({
        namespace: server.namespace,
        deploymentVersion,
      }),
    );
  } catch (error) {
    const code = codeOf(error);
    if (code === CODES.NOT_FOUND) return;
    if (code !== CODES.UNIMPLEMENTED && code !== CODES.DENIED) throw error;
    const why =
      code === CODES.DENIED ? "they are disabled for its namespace" : "it is too old for them";
    throw unversioned(server, why);
  }
}

function unversioned({ address }: Server, why: string): HoldfastError {
  return new HoldfastError(
    "HF-TEMPORAL-UNVERSIONED",
    `Cannot serve this code as a version: the Temporal server at ${address} has no versions of workers (${why}). Upgrade it or enable them (system.enableDeploymentVersions), or leave versioning out.`,
    { class: "state", disposition: "terminal", outcome: "not-sent" },
  );
}

/** @throws HF-TEMPORAL-VERSIONED where work goes to versions, and this worker would be given none */
export async function assertNoVersions(server: Server, taskQueue: string): Promise<void> {
  const current = (await routingOf(server, deploymentOf(taskQueue)))?.current;
  if (current === undefined) return;
  throw new HoldfastError(
    "HF-TEMPORAL-VERSIONED",
    `Cannot serve queue "${taskQueue}" without versioning: its work goes to version ${current} and to those before it, and this worker would be given none. Set versioning: true; or end versioning once no version has open runs: temporal worker deployment set-current-version --unversioned --deployment-name ${deploymentOf(taskQueue)}.`,
    { class: "state", disposition: "terminal", outcome: "not-sent", details: { current } },
  );
}

interface Routing {
  readonly current: string | undefined;
  readonly conflictToken: Uint8Array;
  readonly builds: readonly { readonly build: string; readonly wasCurrent: boolean }[];
}

/** Undefined where the server knows no versions of this name. */
async function routingOf(server: Server, deploymentName: string): Promise<Routing | undefined> {
  try {
    const { workerDeploymentInfo: info, conflictToken } = await server.steadily(() =>
      server.service.describeWorkerDeployment({ namespace: server.namespace, deploymentName }),
    );
    return {
      current: info?.routingConfig?.currentDeploymentVersion?.buildId ?? undefined,
      conflictToken: conflictToken ?? new Uint8Array(),
      builds: (info?.versionSummaries ?? []).map((found) => ({
        build: found.deploymentVersion?.buildId ?? "",
        wasCurrent: Number(found.firstActivationTime?.seconds ?? 0) > 0,
      })),
    };
  } catch (error) {
    const code = codeOf(error);
    if (code === CODES.NOT_FOUND || code === CODES.UNIMPLEMENTED) return undefined;
    throw error;
  }
}

/** The versions that are current, have open runs or are served; undefined where the queue has none. */
export async function lookAtVersions(
  server: Server,
  taskQueue: string,
): Promise<readonly ServedVersion[] | undefined> {
  const deployment = deploymentOf(taskQueue);
  const routing = await routingOf(server, deployment);
  if (routing === undefined || routing.current === undefined) return undefined;
  const workers = await workersOf(server, taskQueue);
  const versions: ServedVersion[] = [];
  for (const { build, wasCurrent } of routing.builds) {
    const isCurrent = build === routing.current;
    const open = await openOn(server, { deployment, build });
    const count = workers.filter((found) => found === build).length;
    if (isCurrent || open > 0 || count > 0) {
      versions.push({ build, isCurrent, wasCurrent, open, workers: count });
    }
  }
  return versions.sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
}

/** The builds of workers that asked for work lately, one for each worker. */
async function workersOf(server: Server, name: string): Promise<readonly string[]> {
  const { pollers } = await server.steadily(() =>
    server.service.describeTaskQueue({
      namespace: server.namespace,
      taskQueue: { name },
      taskQueueType: WORKFLOW_QUEUE,
    }),
  );
  const since = deadlineIn(-ALIVE_MS);
  return (pollers ?? []).flatMap(({ deploymentOptions, lastAccessTime }) =>
    Number(lastAccessTime?.seconds ?? 0) * 1_000 >= since && deploymentOptions?.buildId
      ? [deploymentOptions.buildId]
      : [],
  );
}

async function openOn(server: Server, version: Version): Promise<number> {
  const query = `TemporalWorkerDeploymentVersion = ${quoted(versionText(version))} AND TemporalWorkflowVersioningBehavior = 'Pinned' AND ExecutionStatus = 'Running'`;
  const { count } = await server.steadily(() =>
    server.service.countWorkflowExecutions({ namespace: server.namespace, query }),
  );
  return Number(count ?? 0);
}

/** Versions whose runs stand still, because nobody serves them. */
export function strandedIn(versions: readonly ServedVersion[]): readonly ServedVersion[] {
  return versions.filter(({ open, workers }) => open > 0 && workers === 0);
}

export function versionLine({ build, isCurrent, open, workers }: ServedVersion): string {
  const by = workers === 0 ? "nobody serves it" : workers === 1 ? "1 worker" : `${workers} workers`;
  return `${build}${isCurrent ? " (current)" : ""}: ${open === 1 ? "1 open run" : `${open} open runs`}, ${by}`;
}

/**
 * Gives new runs to the version that this process serves, where it is new; one that was current before stays what
 * it is. Says which versions still have runs.
 *
 * @throws HF-TEMPORAL-UNVERSIONED where the server never comes to know it
 */
export async function takeNewRuns(
  server: Server,
  taskQueue: string,
  { version, log }: { readonly version: Version; readonly log: Log },
): Promise<void> {
  const { deployment, build } = version;
  const routing = await known(server, version);
  const own = routing.builds.find((found) => found.build === build);
  if (routing.current !== build) {
    if (own?.wasCurrent === true) {
      log.warn(
        `This worker serves version ${build}, which was current before; new runs go to ${routing.current ?? "workers without versions"}. It ends the runs that began on it. To go back to it: temporal worker deployment set-current-version --deployment-name ${deployment} --build-id ${build}.`,
      );
    } else await makeCurrent(server, version);
  }
  const versions = (await lookAtVersions(server, taskQueue)) ?? [];
  for (const found of versions.filter((other) => other.build !== build && other.open > 0)) {
    const isStranded = strandedIn([found]).length > 0;
    const advice = "Start a worker with the code of that version, or they stand still.";
    if (isStranded) log.warn(`Version ${versionLine(found)}. ${advice}`);
    else log.info(`Version ${versionLine(found)}. Keep it until they have ended.`);
  }
}

/** Waits until the server knows a version whose worker asks for work. */
async function known(server: Server, { deployment, build }: Version): Promise<Routing> {
  for (let waited = 0; waited < KNOWN_MS; waited += ASK_MS) {
    const routing = await routingOf(server, deployment);
    if (routing?.builds.some((found) => found.build === build) === true) return routing;
    await pause(ASK_MS);
  }
  throw unversioned(server, `it did not take version ${build} within ${KNOWN_MS / 1_000} s`);
}

/** Whoever changed it meanwhile was earlier: this version comes after that one. */
async function makeCurrent(server: Server, version: Version): Promise<void> {
  const { deployment: deploymentName, build: buildId } = version;
  for (let waited = 0; ; waited += ASK_MS) {
    const { current, conflictToken } = await known(server, version);
    if (current === buildId) return;
    try {
      await server.service.setWorkerDeploymentCurrentVersion({
        namespace: server.namespace,
        deploymentName,
        buildId,
        conflictToken,
        identity: "holdfast",
      });
      return;
    } catch (error) {
      const code = codeOf(error);
      // Not both of its queues are known yet.
      const isPassing = code === CODES.PRECONDITION || code === CODES.EXHAUSTED;
      if (!isPassing || waited >= KNOWN_MS) throw error;
      await pause(ASK_MS);
    }
  }
}
