// The host of a project: venue, engine, accounts, fleet and control server in one process, opened in order
// and closed in the other. What is opened halfway when something fails is closed again.

import {
  type Clock,
  HoldfastError,
  type HostedEngine,
  type Log,
  type Patience,
  type Provided,
  hasCode,
  provide,
} from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { purpleFlea, secrets as secretStore } from "@holdfast/purpleflea";
import type { SandboxOptions } from "@holdfast/sandbox";
import type { Project } from "../config/load.ts";
import { type ControlServer, openControl } from "../control/server.ts";
import { type LostStateOptions, assertNotLost } from "../lost-state/admit.ts";
import { diskFailure } from "../secret/durable-file.ts";
import { type Secrets, openSecrets } from "../secret/secrets.ts";
import { type PreflightOptions, type PreflightParts, assertAccepted } from "../venue/preflight.ts";
import { type Accounts, checkAccounts, openAccounts } from "./accounts.ts";
import { payAttention } from "./attention.ts";
import { belongingOf, checkBelonging, claimFolder } from "./belonging.ts";
import { hostedWorkflows } from "./definitions.ts";
import { openHostedEngine } from "./hosted-engine.ts";
import type { Episodes } from "./episodes.ts";
import { launchFleet } from "./fleet.ts";
import { type GuardFront, openGuardFront } from "./guard-front.ts";
import { lookEvery } from "./look-every.ts";
import { notifierOf } from "./notifier.ts";
import { type StateFolder, openStateFolder } from "./state-folder.ts";
import { type HostVenue, type VenuePorts, openVenue } from "./venue.ts";

export interface HostOptions {
  readonly log: Log;
  /** Ports that win over the configuration's. */
  readonly ports?: VenuePorts & { readonly control?: number | undefined };
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** The paper venue's clock, where time is not the machine's. */
  readonly venueClock?: SandboxOptions["clock"];
  /** Replays each activation at once, which shows code that is not deterministic while it is written. */
  readonly shadowReplay?: boolean;
  /** What happens before the first start on a live venue. Default: it is refused. */
  readonly preflight?: PreflightOptions;
  /** What happens where the journal is new and the venue knows the accounts. Default: it is refused. */
  readonly lostState?: LostStateOptions;
  /** A start may wait for an engine that lies elsewhere. Default: it fails at once. */
  readonly patience?: Patience;
  /** Told when the engine has ended by itself. */
  readonly onFailed?: (error: unknown) => void;
  /**
   * Told when the process has been short of something for too long: it is to drain, and to end with EXIT_OVERLOADED.
   * Absent: nothing is watched.
   */
  readonly onOverloaded?: (error: HoldfastError) => void;
}

export interface Host extends AsyncDisposable {
  readonly engine: HostedEngine;
  readonly venue: HostVenue;
  readonly folder: StateFolder;
  readonly control: ControlServer;
  readonly accounts: Accounts;
  readonly clock: Clock;
  /** When it was opened, in milliseconds since the epoch: what began before goes on. */
  readonly openedAt: number;
  /** Opens accounts that have no key yet, then starts the fleet; durable, and done once. */
  launch(): Promise<void>;
  /** Takes no more requests and waits for attempts in flight; the venue still answers. */
  drain(): Promise<void>;
  /** Drains, and lets go of all files. */
  close(): Promise<void>;
}

/** How long a stop waits for attempts in flight, in milliseconds. */
const GRACE_MS = 5_000;

/**
 * Opens a project. Nothing of its fleet starts before `launch`; runs of the last time go on at once.
 *
 * @throws HF-STATE-…, HF-VENUE-…, HF-LIVE-NOT-ACCEPTED, HF-PORT-IN-USE, HF-API-KEY-…, HF-DEFINITION-DUPLICATE
 */
export async function openHost(project: Project, options: HostOptions): Promise<Host> {
  const { config } = project;
  const { log, ports = {}, clock = systemClock } = options;
  const folder = openStateFolder(project.stateFolder);
  checkBelonging(folder, belongingOf(config.venue));
  const secrets = openSecrets(folder.path);
  await using opened = new AsyncDisposableStack();
  const own = { folder, log, ports, clock: options.venueClock };
  const venue = opened.use(await venueOf(config, own));
  const accounts = openAccounts(config, venue, secrets);
  await admit({ config, venue, accounts, folder, log }, options, clock.now());
  const front = await openGuardFront({ config, accounts, folder, log, secrets });
  const { watch, episodes } = opened.use(
    payAttention({ ...options, config, folder, accounts, clock, sources: front.sources }),
  );
  const tell = async (): Promise<void> => episodes?.look();
  const { engine, drainable, temporalHistory } = await openHostedEngine(project, {
    journal: folder.journal,
    stateFolder: folder.path,
    venue: venue.identity,
    resources: resourcesOf(project, { accounts, venue, secrets, front }),
    clock,
    log,
    ...startOf(options),
    load: watch,
    ...toldBy(episodes, front),
  });
  const work = opened.use(new AsyncDisposableStack());
  work.defer(() => engine.close({ graceMs: GRACE_MS }));
  const control = work.use(
    await openControl({
      engine,
      drainable,
      clock,
      temporalHistory,
      workflows: hostedWorkflows(config),
      guard: engine.guard,
      ...front.answering,
      accounts: accounts.names,
      watch: watch && (() => watch.report),
      venue: { url: venue.url, mode: venue.identity.mode, auditUrl: venue.auditUrl },
      ...(ports.control === undefined ? {} : { port: ports.control }),
    }),
  );
  front.opened(engine, control.url);
  const again = [() => front.closer.lookAgain(), tell];
  work.use(lookEvery(clock, engine.guard === undefined ? [] : again));
  work.use(sayWhere(folder, control));

  watch?.start();
  const all = opened.move();
  const close = (): Promise<void> => all.disposeAsync();
  return {
    engine,
    venue,
    folder,
    control,
    accounts,
    clock,
    openedAt: clock.now(),
    launch: () => launchFleet({ engine, config, accounts, log, folder, episodes, front, clock }),
    drain: () => work.disposeAsync(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** @throws HF-STATE-LOCKED where another process runs here, what its disk refuses, HF-VENUE-… */
async function venueOf(
  { venue = { kind: "paper" } }: Project["config"],
  options: Parameters<typeof openVenue>[1],
): Promise<HostVenue> {
  const { folder } = options;
  try {
    return await openVenue(venue, options);
  } catch (error) {
    if (hasCode(error, "HF-VENUE-STATE-LOCKED")) throw alreadyRunning(folder);
    throw isSqlite(error) ? diskFailure(error, folder.venue) : error;
  }
}

/** Lets the other commands find this process for as long as it answers. */
function sayWhere(folder: StateFolder, { url, token }: ControlServer): Disposable {
  folder.writeControl({ pid: process.pid, url, token });
  return {
    [Symbol.dispose]() {
      folder.removeControl();
    },
  };
}

/** Changes after which somebody looks what people are to be told. */
function toldBy(episodes: Episodes | undefined, front: GuardFront) {
  const look = episodes === undefined ? undefined : () => void episodes.look();
  const onModes = (): void => {
    front.onModes();
    look?.();
  };
  return { onDeadLetters: look, onBreaker: look, onModes };
}

/** What activities are given. */
function resourcesOf(
  project: Project,
  {
    accounts,
    venue,
    secrets,
    front,
  }: {
    readonly accounts: Accounts;
    readonly venue: HostVenue;
    readonly secrets: Secrets;
    readonly front: GuardFront;
  },
): readonly Provided[] {
  return [
    provide(purpleFlea, (account) => accounts.client(account), venue.profile),
    provide(secretStore, () => secrets),
    ...notifierOf(project, secrets, front.expand),
    ...(project.config.resources ?? []),
  ];
}

/** What an engine is told of its start alone. */
function startOf({ shadowReplay = false, patience, onFailed }: HostOptions) {
  return { shadowReplay, patience, onFailed };
}

/** Nobody has looked. */
const UNDECIDED = { accept: false, show: () => undefined };

/** Nothing of the last time goes on before keys, acceptance and folder are in order. */
async function admit(
  parts: PreflightParts,
  { preflight = UNDECIDED, lostState = UNDECIDED }: HostOptions,
  now: number,
): Promise<void> {
  const { config, venue, accounts, folder, log } = parts;
  await checkAccounts(accounts, venue, log);
  await assertAccepted(parts, preflight, now);
  await assertNotLost(parts, lostState, now);
  claimFolder(folder, belongingOf(config.venue));
}

function isSqlite(error: unknown): boolean {
  return typeof error === "object" && error !== null && "errcode" in error;
}

function alreadyRunning(folder: StateFolder): HoldfastError {
  const pid = folder.readControl()?.pid;
  return new HoldfastError(
    "HF-STATE-LOCKED",
    `Cannot run on ${folder.path}: another process${pid === undefined ? "" : ` (pid ${pid})`} does. Stop it, or talk to it with the other commands: holdfast runs.`,
    { class: "state", details: pid === undefined ? {} : { pid } },
  );
}
