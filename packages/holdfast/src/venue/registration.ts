// Registers an account's agent by hand, once: what was begun is written down before it is sent, so that a command
// that was cut off is finished by the next one, under the same key.

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { HoldfastError, type Usdc } from "@holdfast/core";
import { z } from "zod";
import { claimFolder } from "../host/belonging.ts";
import { openStateFolder } from "../host/state-folder.ts";
import { writeDurably } from "../secret/durable-file.ts";
import { openSecrets } from "../secret/secrets.ts";
import type { Access } from "./access.ts";

const Begun = z.object({ key: z.string(), name: z.string() });

export interface Registered {
  readonly agentId: string;
  readonly grant: Usdc | undefined;
  /** The reference to its API key. */
  readonly secret: string;
  readonly key: string;
}

/**
 * Registers an agent for the account and keeps its API key among the secrets.
 *
 * @throws HF-ACCOUNT-REGISTERED, HF-VENUE-MISMATCH, HF-STATE-…, HF-VENUE-…
 */
export async function registerByHand(
  access: Access,
  wanted: { readonly name?: string | undefined; readonly key?: string | undefined },
): Promise<Registered> {
  const { accounts, account, venue, belonging } = access;
  if (accounts.keyKind(account) !== "none") throw registered(access);
  const folder = openStateFolder(access.folder.path);
  claimFolder(folder, belonging);
  const secrets = openSecrets(folder.path);
  const file = `registration-${account}.json`;
  const begun = readBegun(join(folder.path, file)) ?? {
    key: wanted.key ?? randomUUID(),
    name: wanted.name ?? access.agentName,
  };
  writeDurably(folder.path, file, JSON.stringify(begun));
  const { key, name } = begun;
  const answer = await venue.reader.faucet.register({ name }, { key, ref: `cli/register/${key}` });
  // A process that runs may have opened the account meanwhile: its agent stays.
  if (accounts.keyKind(account) !== "none" || secrets.read(accounts.secretName(account))) {
    throw registered(access);
  }
  const secret = await secrets.save(accounts.secretName(account), answer.api_key);
  rmSync(join(folder.path, file), { force: true });
  return { agentId: answer.agent_id, grant: answer.grant_micros, secret, key };
}

function readBegun(path: string): z.infer<typeof Begun> | undefined {
  if (!existsSync(path)) return undefined;
  const read = Begun.safeParse(JSON.parse(readFileSync(path, "utf8")));
  return read.success ? read.data : undefined;
}

function registered({ accounts, account }: Access): HoldfastError {
  const where = accounts.isFromEnvironment(account)
    ? `in ${accounts.keyName(account)}`
    : `among the secrets (${accounts.secretName(account)})`;
  return new HoldfastError(
    "HF-ACCOUNT-REGISTERED",
    `Cannot register account "${account}": it has an API key already, ${where}, and another would take its place. To use another key, see "holdfast venue change --help".`,
    { class: "state", disposition: "refused", outcome: "refused" },
  );
}
