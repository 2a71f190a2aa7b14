// Opens a project on a Temporal cluster: the client side, and the worker that serves the project's code.

import {
  type Activity,
  type Clock,
  type DeadLetterPage,
  type GuardPolicy,
  HoldfastError,
  type IntentStore,
  type Load,
  type Log,
  type ModeChange,
  type OnBreaker,
  type Patience,
  type PoliciesOptions,
  type Provided,
  type Random,
  type VenueCapabilities,
  type Workflow,
  definedActivity,
  policiesOf,
} from "@holdfast/core";
import { openResources, venueNames } from "@holdfast/engine/activity-side";
import type { InjectedSinks, NativeConnection, Worker, WorkerOptions } from "@temporalio/worker";
import { checkMoney } from "./check.ts";
import { handOver } from "./client/hand-over.ts";
import { after, every } from "./clock/every.ts";
import { decided, endOf } from "./client/decided.ts";
import { findAt, isOpen, stateOf } from "./client/look.ts";
import type { Client } from "./client/part.ts";
import { reach } from "./client/reach.ts";
import { CODES, Server, codeOf } from "./client/server.ts";
import { ensureAttributes } from "./client/setup.ts";
import { awaitingApproval } from "./client/dead.ts";
import { tellAnswer } from "./client/outside.ts";
import { tellLetters } from "./client/tell-letters.ts";
import { makeToken } from "./client/token.ts";
import { type GuardWatch, watchGuard } from "./client/watch-guard.ts";
import { payload } from "./client/wire.ts";
import { TemporalEngine } from "./engine.ts";
import { takeNewRuns } from "./deploy/version.ts";
import type { Version } from "./worker/version.ts";
import { type OpenOptions, TASK_QUEUE, connectionOf } from "./options.ts";
import { activityInterceptor } from "./worker/activity.ts";
import { Attempts, venuesOf } from "./worker/attempt.ts";
import { SharedBreakers, ownBreakers } from "./worker/breakers.ts";
import { HELD_QUEUE } from "./worker/money.ts";
import { Policed } from "./worker/policed.ts";
import { Orphans } from "./worker/orphans.ts";
import { hear } from "./worker/said.ts";
import { type RunningWorker, connectWorker, startWorker, unreachable } from "./worker/worker.ts";
import { LOST_AFTER_HELD_MS, LOST_AFTER_MS } from "./workflow/protocol.ts";
import type { WatchSinks } from "./workflow/watch.ts";

export interface OpenRequest {
  readonly options: OpenOptions;
  readonly workflows: readonly Workflow[];
  readonly activities: readonly Activity[];
  readonly resources: readonly Provided[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Made when the server was reached and everything else fits. */
  readonly bundle: (client: Client) => Promise<NonNullable<WorkerOptions["workflowBundle"]>>;
  /** The version that this process serves, known with the bundle. Default: the code has no versions. */
  readonly version?: (() => Version) | undefined;
  readonly patience?: Patience | undefined;
  readonly onFailed?: ((error: unknown) => void) | undefined;
  /** What agents may do. Absent: modes alone bound them. */
  readonly guard?: GuardPolicy | undefined;
  /** To be told of modes that have changed, whoever changed them. */
  readonly onModes?: ((changes: readonly ModeChange[]) => void) | undefined;
  /** Says when this process begins no run. */
  readonly load?: Load | undefined;
  /** To be told when dead letters have changed. */
  readonly onDeadLetters?: ((page: DeadLetterPage) => void) | undefined;
  /** How calls to venues are held back; absent: they are not. */
  readonly policies?: PoliciesOptions | undefined;
  readonly onBreaker?: OnBreaker | undefined;
  /** Present where time is held, and somebody drives it. */
  readonly held?: Held | undefined;
}

export interface Held {
  readonly sinks: InjectedSinks<WatchSinks>;
  readonly onStarted: (id: string) => void;
  readonly create: (options: WorkerOptions) => Promise<Worker>;
  /** The activity that a call of this name meant last. */
  readonly activity: (name: string) => Activity | undefined;
  readonly suggestAt: number | undefined;
}

export interface Opened {
  readonly engine: TemporalEngine;
  readonly server: Server;
  readonly attempts: Attempts;
  /** Questions on their way about effects whose run is gone. */
  readonly working: () => number;
  /** Ends as a crash would: what runs tells the server nothing more. */
  abandon(): Promise<void>;
}

/**
 * @throws HF-TEMPORAL-…, HF-START-STOPPED, HF-INTENTS-MISSING, HF-ACTIVITY-INVALID
 */
export async function openTemporal(request: OpenRequest): Promise<Opened> {
  const { options, held } = request;
  const { namespace, intents, secret } = options;
  const taskQueue = options.taskQueue ?? TASK_QUEUE;
  checkMoney(request.activities, request.resources, { intents, guard: request.guard });
  await using opened = new AsyncDisposableStack();
  const { server, native } = await reached(request, opened);
  const onBreaker: OnBreaker = (change) => {
    request.onBreaker?.(change);
    watch?.follow(change);
  };
  const attempts = attemptsOf({ ...request, onBreaker }, server, opened);
  const client: Client = {
    server,
    clock: request.clock,
    log: request.log,
    taskQueue,
    intents,
    held: held !== undefined,
    keys: options.keys ?? namespace,
    workflow: workflowsBy(request.workflows),
    activity: (name) => held?.activity(name) ?? activityNamed(name),
    suggestAt: held?.suggestAt,
    load: request.load,
    onStarted: held?.onStarted ?? (() => undefined),
    onTerminated: (id) => void orphans?.sweep(id),
    onCompleted: (id, call) => attempts.release(id, call),
  };
  const orphans = intents === undefined ? undefined : orphansOf(client, intents, attempts);
  let crashed = false;
  // Before anything is decided here.
  const watch = intents && opened.use(await guardOf(request, { client, intents, attempts }));
  const onAsked = (): void => watch?.look();
  const serving = { native, client, attempts, onAsked, crashed: () => crashed };
  const running = await serve(request, serving);
  opened.defer(() => running.stop().catch(() => undefined));
  opened.use(after(lostAfter(held) + ALL_LOST_MS, () => attempts.open()));
  if (request.version !== undefined) {
    await takeNewRuns(server, taskQueue, { version: request.version(), log: request.log });
  }
  if (orphans !== undefined) {
    opened.use(orphans);
    opened.use(every(SWEEP_MS, () => void orphans.sweep()));
    void orphans.sweep();
  }
  const { onDeadLetters: tell, log } = request;
  if (tell !== undefined) opened.use(tellLetters({ client, log, tell }));
  const all = opened.move();
  const guard = watch?.guard;
  const { policed } = attempts.options;
  const close = (): Promise<void> => all.disposeAsync();
  const engine = new TemporalEngine({ client, guard, secret, policed, close });
  const abandon = (): Promise<void> => {
    crashed = true;
    return engine[Symbol.asyncDispose]();
  };
  const working = (): number => (orphans?.working ?? 0) + (watch?.working ?? 0);
  return { engine, server, attempts, working, abandon };
}

interface Reached {
  readonly server: Server;
  readonly native: NativeConnection;
}

/** Both connections, and a namespace that has what is needed. */
async function reached(request: OpenRequest, opened: AsyncDisposableStack): Promise<Reached> {
  const { options, patience, clock } = request;
  const { address, namespace, prefix = "" } = options;
  const connection = connectionOf(options);
  const connect = async (): Promise<Reached> => {
    await using tried = new AsyncDisposableStack();
    const server = tried.use(await Server.connect({ address, namespace, prefix, connection }));
    try {
      await ensureAttributes(server, options.setup ?? false);
    } catch (error) {
      throw codeOf(error) === CODES.UNAVAILABLE ? unreachable(address, error) : error;
    }
    const native = await connectWorker({ ...connection, address });
    tried.move();
    return { server, native };
  };
  const { server, native } = await reach(connect, patience, clock);
  opened.use(server);
  opened.defer(() => native.close());
  return { server, native };
}

interface Guarding {
  readonly client: Client;
  readonly intents: IntentStore;
  readonly attempts: Attempts;
}

function guardOf(
  { guard: policy, onModes, clock, log }: OpenRequest,
  { client, intents, attempts }: Guarding,
): Promise<GuardWatch> {
  return watchGuard({
    intents,
    policy,
    clock,
    log,
    onModes,
    ring: () => attempts.bells.ringAll(HELD_QUEUE),
    answered: (row) => tellAnswer(client, row),
    breakers: async () => (await attempts.options.policed?.list()) ?? [],
    waiting: () => awaitingApproval(client),
  });
}

/** How often runs are looked for that others have terminated. */
const SWEEP_MS = 60_000;

function orphansOf(client: Client, intents: IntentStore, attempts: Attempts): Orphans {
  return new Orphans({
    attempts,
    intents,
    activity: client.activity,
    isGone: async (id) => !isOpen((await findAt(client.server, id))?.workflowExecutionInfo),
    ended: (intent) => endOf(client, intent),
    decided: (intent) => decided(client, intent),
  });
}

/** Undefined where the project is opened without policies. */
function policedOf(
  { clock, random, log, options, resources, policies: asked, onBreaker }: OpenRequest,
  venues: ReadonlyMap<string, VenueCapabilities>,
): Policed | undefined {
  if (asked === undefined) return undefined;
  const policies = policiesOf(asked, venueNames(resources));
  const store = options.intents?.breakers ?? ownBreakers();
  const breakers = new SharedBreakers({ store, policies, clock, log, onBreaker });
  return new Policed({ clock, random, policies, breakers, venues });
}

function attemptsOf(request: OpenRequest, server: Server, opened: AsyncDisposableStack): Attempts {
  const { clock, random, log, options, resources: provided } = request;
  const { secret } = options;
  const resources = openResources(provided);
  opened.defer(() => resources.close());
  const attempts: Attempts = new Attempts({
    clock,
    random,
    log,
    resources,
    provided,
    policed: policedOf(request, venuesOf(provided)),
    token:
      secret === undefined
        ? undefined
        : (envelope, key, activity) => makeToken(secret, envelope, key, activity),
    onAnswer: async (call, output) => {
      if (options.intents === undefined) return;
      await hear(call, output, { intents: options.intents, attempts });
    },
    beatOf: async ({ id, call }) =>
      (await stateOf(server, id)).calls.find((found) => found.call === call)?.beat,
  });
  opened.defer(() => attempts.close());
  return attempts;
}

interface Serving {
  readonly native: NativeConnection;
  readonly client: Client;
  readonly attempts: Attempts;
  readonly onAsked: () => void;
  readonly crashed: () => boolean;
}

/** How long after the server gives up an attempt it is at the next worker, in milliseconds. */
const ALL_LOST_MS = 500;

function lostAfter(held: Held | undefined): number {
  return held === undefined ? LOST_AFTER_MS : LOST_AFTER_HELD_MS;
}

/** Starts the worker that runs the project's code. */
async function serve(
  { options, held, log, bundle, version, onFailed }: OpenRequest,
  { native, client, attempts, onAsked, crashed }: Serving,
): Promise<RunningWorker> {
  const { server, taskQueue, intents, activity } = client;
  const { namespace } = server;
  const lostAfterMs = lostAfter(held);
  const activities = activityInterceptor({
    attempts,
    intents,
    activity,
    onAsked,
    handOver: (given) => handOver(client, given),
    beatMs: lostAfterMs / 4,
    crashed,
    async keep(taskToken, left) {
      const details = { payloads: [payload(JSON.stringify(left))] };
      await server.service.recordActivityTaskHeartbeat({ namespace, taskToken, details });
    },
  });
  return startWorker({
    connection: native,
    namespace,
    taskQueue,
    log,
    workflowBundle: await bundle(client),
    version: version?.(),
    onFailed,
    interceptors: [activities],
    sinks: held?.sinks ?? NO_SINKS,
    limits: options,
    ...(held === undefined
      ? {}
      : { create: held.create, stickyMs: STICKY_HELD_MS, forceMs: FORCE_HELD_MS }),
  });
}

const STICKY_HELD_MS = 300;
const FORCE_HELD_MS = 1_000;
const NO_SINKS: InjectedSinks<WatchSinks> = {
  watch: { opened: { fn: () => undefined }, wakes: { fn: () => undefined } },
};

function activityNamed(name: string): Activity {
  const found = definedActivity(name);
  if (found !== undefined) return found;
  throw new HoldfastError(
    "HF-ACTIVITY-UNKNOWN",
    `Cannot run activity "${name}": this worker has none of this name. Import the module that defines it.`,
    { class: "data", disposition: "retry", outcome: "not-sent" },
  );
}

function workflowsBy(workflows: readonly Workflow[]): (name: string) => Workflow {
  const byName = new Map(workflows.map((found) => [found.name, found]));
  return (name) => {
    const found = byName.get(name);
    if (found !== undefined) return found;
    const known = [...byName.keys()].sort();
    throw new HoldfastError(
      "HF-WORKFLOW-UNKNOWN",
      `Cannot find workflow "${name}": ${known.length === 0 ? "the project has none" : `the project has ${known.join(", ")}`}.`,
      { class: "data", disposition: "refused", outcome: "not-sent", details: { known } },
    );
  };
}
