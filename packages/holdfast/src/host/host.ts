// The host of a project: venue, engine, accounts, fleet and control server in one process, opened in order
// and closed in the other.

import { randomUUID } from "node:crypto";
import { HoldfastError, type Log, hasCode, provide } from "@holdfast/core";
import { type EmbeddedEngine, openEngine } from "@holdfast/engine";
import {
  type PurpleFlea,
  createPurpleFlea,
  purpleFlea,
  secrets as secretStore,
} from "@holdfast/purpleflea";
import { openAgent } from "@holdfast/agents";
import { type ControlServer, openControl } from "../control/server.ts";
import type { Account, Config } from "../config/config.ts";
import { type Project, workflowsOf } from "../config/load.ts";
import { type Secrets, openSecrets } from "../secret/secrets.ts";
import { type StateFolder, openStateFolder } from "./state-folder.ts";
import { type HostVenue, openVenue } from "./venue.ts";

export interface Host extends AsyncDisposable {
  readonly engine: EmbeddedEngine;
  readonly venue: HostVenue;
  readonly folder: StateFolder;
  readonly control: ControlServer;
  readonly accounts: readonly string[];
  /** The venue's client of an account. */
  client(account: string): PurpleFlea;
  /** Opens accounts that have no key yet, then starts the fleet; durable, and done once. */
  launch(): Promise<void>;
  close(): Promise<void>;
}

/** How long a stop waits for attempts in flight, in milliseconds. */
const GRACE_MS = 5_000;

export async function openHost(project: Project, log: Log): Promise<Host> {
  const { config } = project;
  const folder = openStateFolder(project.stateFolder);
  const secrets = openSecrets(folder.path);
  await using opened = new AsyncDisposableStack();
  const venue = await openVenue(config, folder).catch((error: unknown) => {
    throw hasCode(error, "HF-VENUE-STATE-LOCKED") ? alreadyRunning(folder) : error;
  });
  if (venue.sandbox !== undefined) opened.use(venue.sandbox);
  const accounts = Object.keys(config.accounts ?? { default: {} });
  const client = (account: string): PurpleFlea =>
    createPurpleFlea({
      baseUrl: venue.url,
      profile: venue.profile,
      mode: venue.identity.mode,
      apiKey: () => apiKeyOf(config, secrets, account),
    });
  const engine = await openEngine({
    path: folder.journal,
    definitions: [...new Set([openAgent, ...workflowsOf(config), ...(config.activities ?? [])])],
    resources: [
      provide(purpleFlea, client, venue.profile),
      provide(secretStore, () => secrets),
      ...(config.resources ?? []),
    ],
    venue: venue.identity,
    log,
    ...(config.durability === undefined ? {} : { durability: config.durability }),
  });
  opened.use(engine);
  const control = await openControl({
    engine,
    workflows: [openAgent, ...workflowsOf(config)],
    accounts,
  });
  opened.use(control);
  folder.writeControl({ pid: process.pid, url: control.url, token: control.token });

  const all = opened.move();
  const close = async (): Promise<void> => {
    folder.removeControl();
    await engine.close({ graceMs: GRACE_MS });
    await all.disposeAsync();
  };
  return {
    engine,
    venue,
    folder,
    control,
    accounts,
    client,
    async launch() {
      for (const account of accounts) await openAccount(engine, config, secrets, account);
      for (const { workflow, input, id, account } of config.fleet ?? []) {
        await engine.client.start(workflow, input, {
          id,
          account,
          onClosed: "attach",
          requestId: `fleet/${id}/${randomUUID()}`,
        });
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Registers an account that has no key yet, at a paper venue; durably, so that a crash does not do it twice. */
async function openAccount(
  engine: EmbeddedEngine,
  config: Config,
  secrets: Secrets,
  account: string,
): Promise<void> {
  if (apiKeyOf(config, secrets, account) !== undefined) return;
  const settings = config.accounts?.[account];
  if (config.venue?.kind === "remote" && config.venue.mode === "live") {
    throw new HoldfastError(
      "HF-API-KEY-MISSING",
      `Cannot act for account "${account}": no API key. Set ${environmentName(account, settings)} in the environment or in .env.`,
    );
  }
  const run = await engine.client.start(
    openAgent,
    { name: settings?.name ?? account },
    { id: `open-agent/${account}`, account, onClosed: "attach" },
  );
  await run.result();
}

function apiKeyOf(config: Config, secrets: Secrets, account: string): string | undefined {
  return (
    process.env[environmentName(account, config.accounts?.[account])] ??
    secrets.read(`agent/${account}/api-key`)
  );
}

/** Name of the environment variable that holds an account's API key. */
export function environmentName(account: string, settings: Account | undefined): string {
  if (settings?.apiKeyFrom !== undefined) return settings.apiKeyFrom;
  return account === "default"
    ? "PURPLEFLEA_API_KEY"
    : `PURPLEFLEA_API_KEY_${account.toUpperCase().replaceAll("-", "_")}`;
}

function alreadyRunning(folder: StateFolder): HoldfastError {
  const pid = folder.readControl()?.pid;
  return new HoldfastError(
    "HF-STATE-LOCKED",
    `Cannot run on ${folder.path}: another process${pid === undefined ? "" : ` (pid ${pid})`} does. Stop it, or talk to it with the other commands: holdfast runs.`,
    { class: "state", details: pid === undefined ? {} : { pid } },
  );
}
