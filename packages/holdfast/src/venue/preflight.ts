// What a person looks at before the first order with real money: who acts, with what, at a venue that can do
// what, and what will be started. A live venue is not started on before somebody has accepted that.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HoldfastError, type Log, encode, formatDuration, formatUsdc } from "@holdfast/core";
import type { VenueProfile } from "@holdfast/purpleflea";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import type { Accounts } from "../host/accounts.ts";
import type { StateFolder } from "../host/state-folder.ts";
import type { HostVenue } from "../host/venue.ts";
import { writeDurably } from "../secret/durable-file.ts";

export interface PreflightAccount {
  readonly account: string;
  readonly agentId: string;
  /** USDC, as decimal strings. */
  readonly available: string;
  readonly held: string;
  /** Null where the venue does not say. */
  readonly openPositions: number | null;
}

/** The sheet that is shown. */
export interface Preflight {
  readonly venue: string;
  readonly mode: "live";
  readonly profile: string;
  readonly accounts: readonly PreflightAccount[];
  readonly capabilities: {
    readonly idempotency: VenueProfile["idempotency"];
    readonly lookup: boolean;
    readonly stream: boolean;
    readonly webhooks: boolean;
  };
  readonly limits: {
    /** How long the venue remembers a key, and may carry out what it was sent. */
    readonly keyTtlMs: number;
    readonly settleMs: number;
    /** What may be spent, in USDC; null where nothing bounds it. */
    readonly spending: readonly { readonly budget: string; readonly limit: string }[] | null;
  };
  readonly fleet: readonly {
    readonly id: string;
    readonly workflow: string;
    readonly account: string;
    readonly input: string;
  }[];
}

export interface PreflightParts {
  readonly config: Config;
  readonly venue: HostVenue;
  readonly accounts: Accounts;
  readonly folder: StateFolder;
  readonly log: Log;
}

export interface PreflightOptions {
  /** Somebody has said that it may start. */
  readonly accept: boolean;
  readonly show: (sheet: Preflight) => void;
}

const FILE = "live-accepted.json";

/** What somebody has accepted: another agent, venue or profile is accepted anew. */
const Acceptance = z.object({
  venue: z.string(),
  profile: z.string(),
  agents: z.record(z.string(), z.string()),
  /** Milliseconds since the epoch. */
  at: z.number(),
});
type Acceptance = z.infer<typeof Acceptance>;

/**
 * Lets a live venue be started on where that is accepted; records an acceptance. Paper venues pass.
 *
 * @param now milliseconds since the epoch
 * @throws HF-LIVE-NOT-ACCEPTED after the sheet was shown; what a venue that cannot be read answers
 */
export async function assertAccepted(
  parts: PreflightParts,
  { accept, show }: PreflightOptions,
  now: number,
): Promise<void> {
  const { venue, folder, config, log } = parts;
  if (venue.identity.mode !== "live") return;
  const warning = unboundedWarning(config);
  if (warning !== undefined) log.warn(warning);
  const accepted = readAcceptance(folder);
  if (accepted !== undefined && (await isStill(accepted, parts))) return;
  const sheet = await takeSheet(parts);
  show(sheet);
  if (!accept) {
    throw new HoldfastError(
      "HF-LIVE-NOT-ACCEPTED",
      `Cannot start on the live venue ${venue.url}: nobody has accepted it for ${folder.path}. Read what is shown, then start once with --accept-live. Nothing was started.`,
      { class: "state", disposition: "refused", outcome: "not-sent" },
    );
  }
  const agents = Object.fromEntries(sheet.accounts.map((one) => [one.account, one.agentId]));
  const acceptance: Acceptance = { venue: venue.url, profile: sheet.profile, agents, at: now };
  writeDurably(folder.path, FILE, JSON.stringify(acceptance));
}

/** The agent that was accepted for an account; undefined where none was. */
export function acceptedAgent(
  folder: Pick<StateFolder, "path">,
  account: string,
): string | undefined {
  return readAcceptance(folder)?.agents[account];
}

function readAcceptance({ path }: Pick<StateFolder, "path">): Acceptance | undefined {
  const file = join(path, FILE);
  if (!existsSync(file)) return undefined;
  try {
    return Acceptance.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // Nobody knows what it said: it is asked for again.
    return undefined;
  }
}

/** A fleet must come up again during an outage, so a venue that does not answer changes nothing. */
async function isStill(
  accepted: Acceptance,
  { venue, accounts, log }: PreflightParts,
): Promise<boolean> {
  if (accepted.venue !== venue.url || accepted.profile !== venue.profile.name) return false;
  for (const account of accounts.names) {
    const agent = accepted.agents[account];
    if (agent === undefined) return false;
    try {
      if ((await accounts.client(account).wallet.balance()).agent_id !== agent) return false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn(`Cannot ask the live venue whose the key of account "${account}" is: ${reason}`);
    }
  }
  return true;
}

async function takeSheet({ config, venue, accounts }: PreflightParts): Promise<Preflight> {
  const { profile } = venue;
  const { idempotency, lookup, stream, webhooks, keyTtlMs, settleMs } = profile;
  return {
    venue: venue.url,
    mode: "live",
    profile: profile.name,
    accounts: await Promise.all(accounts.names.map((account) => lookAt(accounts, account))),
    capabilities: { idempotency, lookup, stream, webhooks },
    limits: { keyTtlMs, settleMs, spending: spendingOf(config) },
    fleet: (config.fleet ?? []).map(({ id, workflow, account, input }) => {
      return { id, workflow: workflow.name, account, input: encode(input) };
    }),
  };
}

function spendingOf({ guard }: Config): Preflight["limits"]["spending"] {
  if (guard === undefined || guard.budgets.length === 0) return null;
  return guard.budgets.map(({ name, limit }) => ({ budget: name, limit: formatUsdc(limit) }));
}

/** What is said at each start on a live venue, where nothing bounds what is spent there. */
function unboundedWarning({ guard }: Config): string | undefined {
  if (guard !== undefined && guard.budgets.length > 0) return undefined;
  const why = guard === undefined ? "this project has no guard" : 'its guard says budgets: "none"';
  return `Nothing bounds what agents spend at this live venue: ${why}. See docs/guides/guard.md.`;
}

async function lookAt(accounts: Accounts, account: string): Promise<PreflightAccount> {
  const client = accounts.client(account);
  const balance = await client.wallet.balance();
  const positions = await client.trade.positions().catch(() => undefined);
  return {
    account,
    agentId: balance.agent_id,
    available: formatUsdc(balance.usdc_micros),
    held: balance.held_micros === undefined ? "unknown" : formatUsdc(balance.held_micros),
    openPositions: positions?.length ?? null,
  };
}

/** The sheet in lines for people. */
export function sheetLines(sheet: Preflight): readonly string[] {
  const { capabilities, limits } = sheet;
  const yes = (has: boolean): string => (has ? "yes" : "no");
  return [
    `live venue    ${sheet.venue} (profile ${sheet.profile})`,
    ...sheet.accounts.map(
      ({ account, agentId, available, held, openPositions }) =>
        `account       ${account}: agent ${agentId}, ${available} USDC available, ${held} held, ${openPositions ?? "unknown"} open positions`,
    ),
    capabilities.idempotency === "none"
      ? "idempotency   no: the venue honours no keys. What is in doubt is asked for, or waits for a person"
      : `idempotency   keys are honoured (${capabilities.idempotency}) for ${formatDuration(limits.keyTtlMs)}`,
    `look-up       ${yes(capabilities.lookup)}${capabilities.lookup ? "" : ": what became of a key cannot be asked"}`,
    `stream        ${yes(capabilities.stream)}, webhooks ${yes(capabilities.webhooks)}`,
    `limits        a request may be carried out up to ${formatDuration(limits.settleMs)} late`,
    limits.spending === null
      ? "spending      NO LIMIT: nothing bounds what the agents spend. Give the project a guard with budgets"
      : `spending      ${limits.spending.map(({ budget, limit }) => `${budget} ${limit}`).join(", ")} USDC`,
    ...sheet.fleet.map(
      ({ id, workflow, account, input }) =>
        `starts        ${id} (${workflow}, account ${account}): ${input}`,
    ),
  ];
}
