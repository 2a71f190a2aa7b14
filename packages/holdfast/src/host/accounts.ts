// The agents of a project: where each finds its API key, and the client that acts for it. A call without a
// key is never sent, so that it waits for the key instead of being refused. No key is ever shown.

import { HoldfastError, type Log, hasCode } from "@holdfast/core";
import { type PurpleFlea, createPurpleFlea } from "@holdfast/purpleflea";
import { type Config, accountsOf, environmentSuffix } from "../config/config.ts";
import { scrubbing } from "../secret/scrub.ts";
import type { Secrets } from "../secret/secrets.ts";
import type { HostVenue } from "./venue.ts";

export interface Accounts {
  readonly names: readonly string[];
  /** What is known of the account's API key. */
  keyKind(account: string): "none" | "test" | "live";
  /** Acts for the account; its key is looked up for each request. */
  client(account: string): PurpleFlea;
  /** The name of the variable or secret in which its key is expected. */
  keyName(account: string): string;
  /** The secret under which its key lies, or would lie, in the state folder. */
  secretName(account: string): string;
  /** True where its key comes from the environment, which wins over the secrets. */
  isFromEnvironment(account: string): boolean;
}

export function openAccounts(config: Config, venue: HostVenue, secrets: Secrets): Accounts {
  const named = (account: string): string | undefined => config.accounts?.[account]?.apiKey?.name;
  const keyName = (account: string): string =>
    named(account) ?? `PURPLEFLEA_API_KEY${environmentSuffix(account)}`;
  const secretName = (account: string): string => named(account) ?? registeredKey(account);
  const find = (account: string): string | undefined =>
    environment(keyName(account)) ?? secrets.read(secretName(account));
  return {
    names: accountsOf(config),
    keyName,
    secretName,
    isFromEnvironment: (account) => environment(keyName(account)) !== undefined,
    keyKind(account) {
      const key = find(account);
      if (key === undefined) return "none";
      const { liveKeyPrefixes } = venue.profile;
      return liveKeyPrefixes.some((prefix) => key.startsWith(prefix)) ? "live" : "test";
    },
    client(account) {
      const client = createPurpleFlea({
        baseUrl: venue.url,
        profile: venue.profile,
        mode: venue.identity.mode,
        apiKey: () => find(account) ?? missingKey(account, keyName(account)),
        agentId: environment(`PURPLEFLEA_AGENT_ID${environmentSuffix(account)}`),
      });
      // Who registers has no key yet.
      const { reader } = venue;
      const register: PurpleFlea["faucet"]["register"] = (agent, mark) =>
        reader.faucet.register(agent, mark);
      const write: PurpleFlea["calls"]["write"] = (call, mark) =>
        (call.operation === "register" ? reader : client).calls.write(call, mark);
      const calls = { ...client.calls, write };
      const acting = { ...client, calls, faucet: { ...client.faucet, register } };
      return scrubbing(acting, () => find(account));
    },
  };
}

/** The name under which a registration saves the account's key. */
function registeredKey(account: string): string {
  return `agent/${account}/api-key`;
}

/**
 * Asks the venue about each key, before anything acts with it: a refused order would be a missed one.
 *
 * @throws HF-API-KEY-MISSING, HF-API-KEY-UNKNOWN, HF-LIVE-KEY, HF-LIVE-KEY-MISSING, HF-AGENT-MISMATCH
 */
export async function checkAccounts(accounts: Accounts, venue: HostVenue, log: Log): Promise<void> {
  for (const account of accounts.names) {
    const isLive = venue.identity.mode === "live";
    if (isLive) checkLiveKey(accounts, venue, account);
    if (accounts.keyKind(account) !== "none") await checkKey(accounts, venue, account, log);
  }
}

/** @throws HF-API-KEY-MISSING, HF-LIVE-KEY-MISSING where a live venue would be asked without a live key */
export function checkLiveKey(
  accounts: Pick<Accounts, "keyKind" | "keyName">,
  venue: Pick<HostVenue, "url">,
  account: string,
): void {
  const kind = accounts.keyKind(account);
  const name = accounts.keyName(account);
  if (kind === "none") missingKey(account, name);
  if (kind === "live") return;
  throw refused(
    "HF-LIVE-KEY-MISSING",
    `Cannot act for account "${account}" at the live venue ${venue.url}: the API key in ${name} is no live one. Use a live key, or paper() to try things out.`,
  );
}

async function checkKey(
  accounts: Accounts,
  venue: HostVenue,
  account: string,
  log: Log,
): Promise<void> {
  let agentId: string | undefined;
  try {
    agentId = await whose(accounts.client(account));
  } catch (error) {
    if (hasCode(error, "HF-LIVE-KEY")) throw error;
    if (hasCode(error, "HF-VENUE-UNAUTHORISED")) {
      throw refused(
        "HF-API-KEY-UNKNOWN",
        `Cannot act for account "${account}": the venue ${venue.url} does not know its API key. ${adviceOn(accounts.keyName(account))} Nothing was started.`,
      );
    }
    // A fleet comes up during an outage, too; its calls wait.
    const reason = error instanceof Error ? error.message : String(error);
    log.warn(`Cannot check the API key of account "${account}" now: ${reason}`);
    return;
  }
  const variable = `PURPLEFLEA_AGENT_ID${environmentSuffix(account)}`;
  const wanted = environment(variable);
  if (agentId === undefined || wanted === undefined || wanted === agentId) return;
  throw refused(
    "HF-AGENT-MISMATCH",
    `Cannot act for account "${account}": its API key belongs to the agent ${agentId}, but ${variable} says ${wanted}. Nothing was started.`,
  );
}

/** Whose key the client has, where the venue says it. Its rejection says whether the venue knows the key. */
async function whose({ profile, wallet, trade }: PurpleFlea): Promise<string | undefined> {
  if (profile.dialect?.records === undefined) return (await wallet.balance()).agent_id;
  // Each service of the public servers has keys of its own: what trades is asked whether it knows this one.
  await trade.positions();
  return undefined;
}

function adviceOn(keyName: string): string {
  return environment(keyName) === undefined
    ? "It was saved at another venue, or this one was set up anew: use another state folder, or bring that venue back."
    : `It comes from ${keyName}: correct it, or unset it, and a paper venue registers an agent by itself.`;
}

function environment(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === "" ? undefined : value;
}

/** @throws HF-API-KEY-MISSING; as a failure of a call it says that nothing was sent, and is retried */
export function missingKey(account: string, name: string): never {
  throw new HoldfastError(
    "HF-API-KEY-MISSING",
    `Cannot act for account "${account}": it has no API key. Set ${name} in the environment or in .env.`,
    { class: "state", disposition: "retry", outcome: "not-sent", details: { account } },
  );
}

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError(code, message, {
    class: "state",
    disposition: "refused",
    outcome: "not-sent",
  });
}
