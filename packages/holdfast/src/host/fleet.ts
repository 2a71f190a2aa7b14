// Brings a project's fleet up: opens the accounts that have no key yet, then makes sure that each run of the
// fleet is started. Durable, and done once, however often the host is started.

import { randomUUID } from "node:crypto";
import { openAgent } from "@holdfast/agents";
import {
  type Clock,
  type Engine,
  HoldfastError,
  type HostedEngine,
  type Log,
  encode,
  hasCode,
  parseWith,
  toFailure,
} from "@holdfast/core";
import type { Config, FleetRun } from "../config/config.ts";
import type { Accounts } from "./accounts.ts";
import type { Episodes } from "./episodes.ts";
import type { GuardFront } from "./guard-front.ts";
import { openInJournal } from "./left-behind.ts";
import type { StateFolder } from "./state-folder.ts";

export interface FleetOptions {
  readonly engine: HostedEngine;
  readonly config: Config;
  readonly accounts: Accounts;
  readonly log: Log;
  readonly episodes?: Episodes | undefined;
  readonly front: Pick<GuardFront, "closer">;
  readonly folder: Pick<StateFolder, "journal">;
  readonly clock: Clock;
}

/** @throws HF-API-KEY-LOST; what the opening of an account failed with; HF-RUN-…, HF-ENGINE-CLOSED */
export async function launchFleet(options: FleetOptions): Promise<void> {
  const { engine, config, accounts, log, folder, episodes, front, clock } = options;
  // What is to be closed does not wait for anything else.
  await front.closer.attach(engine);
  await episodes?.attach(engine);
  const elsewhere = await openInJournal(config, folder);
  const fleet = config.fleet ?? [];
  await Promise.all(
    accounts.names.map(async (account) => {
      if (accounts.keyKind(account) === "none") {
        const name = config.accounts?.[account]?.name ?? account;
        await whenTaken(clock, () => openAccount(engine, accounts, account, name));
      }
      for (const wanted of fleet) {
        if (wanted.account !== account) continue;
        if (elsewhere.has(wanted.id)) log.warn(stillThere(wanted.id));
        else await whenTaken(clock, () => ensureUnlessDrained(engine, wanted, log));
      }
    }),
  );
}

/** What is refused because the process is short of something is begun when it is not any more. */
async function whenTaken(clock: Clock, begin: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await begin();
      return;
    } catch (error) {
      if (!hasCode(error, "HF-OVERLOADED")) throw error;
      const at = clock.now() + (error.retryAfterMs ?? 0);
      await new Promise<void>((resolve) => {
        clock.setTimer(at, resolve);
      });
    }
  }
}

/** Registers an account at a paper venue; a crash, or a failure that somebody has mended, does not do it twice. */
async function openAccount(
  engine: HostedEngine,
  accounts: Accounts,
  account: string,
  name: string,
): Promise<void> {
  const id = `open-agent/${account}`;
  const run = await engine.client.start(
    openAgent,
    { name },
    { id, account, onClosed: "restart-failed", effects: "continue" },
  );
  await run.result();
  if (accounts.keyKind(account) !== "none") return;
  throw new HoldfastError(
    "HF-API-KEY-LOST",
    `Cannot act for account "${account}": it was registered (run ${id}), but its API key is no longer among the secrets. Bring the secrets back, or set ${accounts.keyName(account)}. Its calls wait for the key.`,
    { class: "state", details: { account } },
  );
}

/** It would act a second time. */
function stillThere(id: string): string {
  return `Run "${id}" is not started: it is open in the journal of this folder, on the embedded engine. Move it (holdfast engine move), or let it end there.`;
}

/** An engine that is to be left starts nothing new; what runs goes on. */
async function ensureUnlessDrained(
  engine: HostedEngine,
  wanted: FleetRun,
  log: Log,
): Promise<void> {
  try {
    await ensure(engine, wanted, log);
  } catch (error) {
    if (!hasCode(error, "HF-ENGINE-DRAINED")) throw error;
    log.warn(toFailure(error).message);
  }
}

async function ensure(engine: HostedEngine, wanted: FleetRun, log: Log): Promise<void> {
  const { workflow, input, id, account } = wanted;
  await engine.client.start(workflow, input, {
    id,
    account,
    onClosed: "attach",
    requestId: `fleet/${id}/${randomUUID()}`,
  });
  const difference = await differenceOf(engine, wanted);
  if (difference !== undefined) {
    log.warn(
      `Run "${id}" goes on with the ${difference} it was started with; the configuration says another now. To change it, give it another id (and cancel this one).`,
    );
  }
}

/** What a run that exists has otherwise than the configuration. */
async function differenceOf(
  engine: Engine,
  { workflow, input, id, account }: FleetRun,
): Promise<string | undefined> {
  const found = await engine.describe(id);
  if (found.workflow !== workflow.name) return `workflow ${found.workflow}`;
  if (found.account !== account) return `account "${found.account}"`;
  // A later generation may have chosen its input itself.
  if (found.generation > 0) return undefined;
  const given = encode(parseWith(workflow.input, input, `the input of workflow ${workflow.name}`));
  return found.input === given ? undefined : "input";
}
