// What a `holdfast venue` command acts with: the venue of the project or of an address, an account of it, and the
// client that acts for the account.

import { existsSync } from "node:fs";
import { HoldfastError } from "@holdfast/core";
import type { PurpleFlea } from "@holdfast/purpleflea";
import type { Config } from "../config/config.ts";
import { loadProject } from "../config/load.ts";
import { type Accounts, checkLiveKey, openAccounts } from "../host/accounts.ts";
import { type Belonging, belongingOf, checkBelonging, readBelonging } from "../host/belonging.ts";
import { type StateFolder, stateFolder } from "../host/state-folder.ts";
import { type HostVenue, findVenue } from "../host/venue.ts";
import { type Secrets, openSecrets } from "../secret/secrets.ts";

export interface AccessOptions {
  readonly config?: string | undefined;
  readonly state?: string | undefined;
  /** A paper venue elsewhere, instead of the project's. */
  readonly url?: string | undefined;
  /** Default: the project's first. */
  readonly account?: string | undefined;
}

export interface Access {
  readonly venue: HostVenue;
  readonly accounts: Accounts;
  readonly account: string;
  /** The name under which the venue knows, or would know, the account's agent. */
  readonly agentName: string;
  readonly folder: StateFolder;
  readonly belonging: Belonging;
  /** Acts for the account; its key is looked up for each request. */
  readonly client: PurpleFlea;
}

/**
 * Finds venue and account; nothing is opened or written.
 *
 * @throws HF-CONFIG-…, HF-VENUE-UNREACHABLE, HF-VENUE-MODE, HF-VENUE-MISMATCH, HF-ACCOUNT-UNKNOWN
 */
export async function openAccess(options: AccessOptions): Promise<Access> {
  const { url } = options;
  const project = await loadProject({
    folder: process.cwd(),
    file: options.config,
    stateFolder: options.state,
    fallback: async () => (await import("../demo/demo.ts")).demo,
  });
  const config: Config =
    url === undefined
      ? project.config
      : { ...project.config, venue: { kind: "remote", baseUrl: url.replace(/\/$/u, "") } };
  const folder = stateFolder(project.stateFolder);
  const belonging = belongingOf(config.venue);
  // What lies in the folder of another venue is nothing to one that is named by its address.
  const isOwn = url === undefined || isSame(readBelonging(folder), belonging);
  if (isOwn) checkBelonging(folder, belonging);
  const venue = await findVenue(config.venue ?? { kind: "paper" }, folder);
  const accounts = openAccounts(config, venue, isOwn ? secretsOf(folder) : NO_SECRETS);
  const account = options.account ?? accounts.names[0] ?? "default";
  if (!accounts.names.includes(account)) {
    throw new HoldfastError(
      "HF-ACCOUNT-UNKNOWN",
      `Cannot act for account "${account}": the project has ${accounts.names.join(", ")}.`,
      { class: "data" },
    );
  }
  const agentName = config.accounts?.[account]?.name ?? account;
  const client = accounts.client(account);
  return { venue, accounts, account, agentName, folder, belonging, client };
}

/** @throws HF-API-KEY-MISSING, HF-LIVE-KEY-MISSING where the account has no key that this venue takes */
export function assertKey({ accounts, account, venue }: Access): void {
  if (venue.identity.mode === "live") checkLiveKey(accounts, venue, account);
  else if (accounts.keyKind(account) === "none") {
    throw new HoldfastError(
      "HF-API-KEY-MISSING",
      `Cannot act for account "${account}" at ${venue.url}: it has no API key. Register an agent with "holdfast venue register", or set ${accounts.keyName(account)}.`,
      { class: "state", disposition: "refused", outcome: "not-sent", details: { account } },
    );
  }
}

const NO_SECRETS: Secrets = {
  save: () => Promise.reject(new TypeError("Nothing is saved in the folder of another venue.")),
  read: () => undefined,
};

/** Looking makes no folders. */
function secretsOf({ path }: StateFolder): Secrets {
  return existsSync(path) ? openSecrets(path) : NO_SECRETS;
}

function isSame(kept: Belonging | undefined, wanted: Belonging): boolean {
  return kept !== undefined && kept.mode === wanted.mode && kept.url === wanted.url;
}
