// Puts another API key in the place of an account's: asked of the venue first, the same agent's unless somebody
// says otherwise, and never another agent's while runs of the account are open, whose calls would act again.

import { HoldfastError, hasCode } from "@holdfast/core";
import { createPurpleFlea } from "@holdfast/purpleflea";
import { connectControl } from "../control/client.ts";
import { connectJournal } from "../control/journal.ts";
import { scrubbing } from "../secret/scrub.ts";
import { openSecrets } from "../secret/secrets.ts";
import type { Access } from "./access.ts";
import { acceptedAgent } from "./preflight.ts";

export interface ChangedKey {
  readonly agentId: string;
  /** The agent before; undefined where nobody knows. */
  readonly before: string | undefined;
  readonly secret: string;
}

/**
 * Checks a key and keeps it. The process that runs takes it with its next request.
 *
 * @throws HF-KEY-ELSEWHERE, HF-LIVE-KEY, HF-LIVE-KEY-MISSING, HF-API-KEY-UNKNOWN, HF-AGENT-MISMATCH
 */
export async function changeKey(
  access: Access,
  newKey: string,
  { otherAgent }: { readonly otherAgent: boolean },
): Promise<ChangedKey> {
  const { accounts, account, folder, venue } = access;
  if (accounts.isFromEnvironment(account)) {
    throw refused(
      "HF-KEY-ELSEWHERE",
      `Cannot change the API key of account "${account}": it comes from ${accounts.keyName(account)} of the environment, which wins over what is kept here. Change it there and start again; or unset it first.`,
    );
  }
  const isLiveKey = venue.profile.liveKeyPrefixes.some((prefix) => newKey.startsWith(prefix));
  if (venue.identity.mode === "live" && !isLiveKey) {
    throw refused(
      "HF-LIVE-KEY-MISSING",
      `Cannot use this API key at the live venue ${venue.url}: it is no live one. Nothing was changed.`,
    );
  }
  const agentId = await agentOf(access, newKey);
  const before = await agentBefore(access);
  if (before !== agentId) {
    if (!otherAgent) throw anotherAgent(account, before, agentId);
    await assertNothingOpen(access);
  }
  const secret = await openSecrets(folder.path).save(accounts.secretName(account), newKey);
  return { agentId, before, secret };
}

async function agentOf({ venue, account }: Access, apiKey: string): Promise<string> {
  const { url, profile, identity } = venue;
  const options = { baseUrl: url, profile, mode: identity.mode, apiKey };
  const client = scrubbing(createPurpleFlea(options), () => apiKey);
  try {
    return (await client.wallet.balance()).agent_id;
  } catch (error) {
    if (!hasCode(error, "HF-VENUE-UNAUTHORISED")) throw error;
    throw refused(
      "HF-API-KEY-UNKNOWN",
      `Cannot use this API key for account "${account}": the venue ${url} does not know it. Nothing was changed.`,
    );
  }
}

/** The account's agent so far; of a key that the venue has revoked, the one that was accepted. */
async function agentBefore(access: Access): Promise<string | undefined> {
  const { accounts, account, folder, client } = access;
  const accepted = acceptedAgent(folder, account);
  if (accounts.keyKind(account) === "none") return accepted;
  try {
    return (await client.wallet.balance()).agent_id;
  } catch (error) {
    if (hasCode(error, "HF-VENUE-UNAUTHORISED")) return accepted;
    throw error;
  }
}

function anotherAgent(account: string, before: string | undefined, now: string): HoldfastError {
  const difference =
    before === undefined
      ? `nobody knows its agent so far, and the key belongs to ${now}`
      : `the key belongs to the agent ${now}, and the account's is ${before}`;
  return refused(
    "HF-AGENT-MISMATCH",
    `Cannot change the API key of account "${account}": ${difference}. Money and positions stay with an agent; if another one is meant, say --other-agent. Nothing was changed.`,
  );
}

/** @throws HF-AGENT-MISMATCH where runs of the account are open, whose calls may be sent again */
async function assertNothingOpen({ folder, account }: Access): Promise<void> {
  let page: Readonly<Record<string, unknown>>;
  try {
    page = await openRuns(folder.path, account);
  } catch (error) {
    // Where no journal is, no run is open.
    if (hasCode(error, "HF-NOT-RUNNING")) return;
    throw error;
  }
  const runs = page["runs"] as readonly { readonly id: string }[];
  if (runs.length === 0) return;
  throw refused(
    "HF-AGENT-MISMATCH",
    `Cannot give account "${account}" another agent: run ${runs.map(({ id }) => `"${id}"`).join(", ")} is open, and its calls could act once more for the other one. Cancel it first, or use another account or environment. Nothing was changed.`,
  );
}

const OPEN = { status: "open", limit: "5" };

async function openRuns(
  folder: string,
  account: string,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await connectControl(folder).get("/api/runs", { ...OPEN, account });
  } catch (error) {
    if (!hasCode(error, "HF-NOT-RUNNING")) throw error;
    return connectJournal(folder).get("/api/runs", { ...OPEN, account });
  }
}

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError(code, message, {
    class: "state",
    disposition: "refused",
    outcome: "not-sent",
  });
}
