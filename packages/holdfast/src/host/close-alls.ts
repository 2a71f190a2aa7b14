// Sees to it that everything is closed where that is meant: a person has asked for it with a halt, or losses have
// halted an agent. Each closing is a durable run whose id is made of the halt, so that whoever looks again, after a
// crash or a second request, finds the same run while it is open. Who asks again after it has ended gets another one:
// something may have come later.

import { hash } from "node:crypto";
import { closeAll } from "@holdfast/agents";
import {
  CLOSED_STATUSES,
  type HostedEngine,
  type Log,
  type ModeRow,
  hasCode,
  toFailure,
} from "@holdfast/core";
import { limitsFor } from "@holdfast/core/internal";
import { purpleFlea } from "@holdfast/purpleflea";
import type { Config } from "../config/config.ts";
import type { Accounts } from "./accounts.ts";
import type { StateFolder } from "./state-folder.ts";

export interface CloseAllsOptions {
  readonly config: Config;
  readonly accounts: Pick<Accounts, "names" | "keyKind">;
  readonly folder: Pick<StateFolder, "readWishes" | "writeWishes">;
  readonly log: Log;
}

/** A run that closes what an account has. */
export interface Closing {
  readonly id: string;
  readonly account: string;
}

export class CloseAlls {
  readonly #options: CloseAllsOptions;
  #engine: HostedEngine | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** The last look has failed. */
  #isOwed = false;

  constructor(options: CloseAllsOptions) {
    this.#options = options;
  }

  /** Looks at what the last process has left, and from now on at what this engine has. */
  async attach(engine: HostedEngine): Promise<void> {
    this.#engine = engine;
    await this.look();
  }

  /** Notes, before the halt itself, that all is to be closed with it: a crash in between forgets nothing. */
  wish(scope: string): void {
    const { folder } = this.#options;
    folder.writeWishes([...new Set([...folder.readWishes(), scope])]);
  }

  /**
   * Starts what is to be closed and is not yet being closed. Gives the runs of all halts that are on, those included
   * that were started before.
   *
   * @param asked the scope that somebody wants closed now: where its run has ended, another one begins
   * @throws what a start is refused with; what is wished for stays noted then
   */
  start(asked?: string): Promise<readonly Closing[]> {
    const next = this.#last.then(() => this.#startAll(asked));
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** The same, for changes that nobody waits for. Never rejects: what goes wrong is logged, and the next look is. */
  async look(): Promise<void> {
    try {
      await this.start();
      this.#isOwed = false;
    } catch (error) {
      if (hasCode(error, "HF-ENGINE-CLOSED")) return;
      this.#isOwed = true;
      const { code, message } = toFailure(error);
      this.#options.log.error(`Cannot start to close everything: ${message}`, { code });
    }
  }

  /** Looks once more, where the last look has failed. */
  async lookAgain(): Promise<void> {
    if (this.#isOwed) await this.look();
  }

  async #startAll(asked: string | undefined): Promise<readonly Closing[]> {
    const engine = this.#engine;
    if (engine?.guard === undefined) return [];
    const { folder } = this.#options;
    const wishes = folder.readWishes();
    const { modes } = await engine.guard.status();
    const started: Closing[] = [];
    for (const row of modes) {
      if (!this.#isMeant(row, wishes)) continue;
      for (const account of this.#accountsIn(row.scope)) {
        const closing = { id: `close-all/${idOf(row)}/${account}`, account };
        const symbol = /^symbol:(.*)$/u.exec(row.scope)?.[1];
        const input = symbol === undefined ? {} : { symbol };
        const isAsked = isHalt(row) && row.scope === asked;
        started.push({ account, id: await begin(engine, input, closing, isAsked) });
      }
    }
    // What is halted no more, or never was, is not to be closed by the next halt.
    const kept = wishes.filter((scope) => modes.some((row) => isHalt(row) && row.scope === scope));
    if (kept.length < wishes.length) folder.writeWishes(kept);
    return started;
  }

  #isMeant(row: ModeRow, wishes: readonly string[]): boolean {
    if (row.mode !== "HALTED") return false;
    if (isHalt(row)) return wishes.includes(row.scope);
    const { guard } = this.#options.config;
    const account = /^agent:(.*)$/u.exec(row.scope)?.[1];
    if (guard === undefined || account === undefined) return false;
    return (
      (row.cause === "drawdown" || row.cause === "balance") &&
      limitsFor(guard, account).loss.closeAll
    );
  }

  /** Accounts of a scope that are open at the venue. */
  #accountsIn(scope: string): readonly string[] {
    const { names, keyKind } = this.#options.accounts;
    const [kind, name] = scope.split(":");
    const open = names.filter((account) => keyKind(account) !== "none");
    if (kind === "agent") return open.filter((account) => account === name);
    if (kind === "venue") return name === purpleFlea.name ? open : [];
    return open;
  }
}

/** Gives the id of the run. */
async function begin(
  { client }: HostedEngine,
  input: { readonly symbol?: string },
  { id: base, account }: Closing,
  isAsked: boolean,
): Promise<string> {
  for (let nth = 1; ; nth += 1) {
    const id = nth === 1 ? base : `${base}/${nth}`;
    const run = await client.start(closeAll, input, { id, account, onClosed: "attach" });
    if (!isAsked) return id;
    const { status } = await run.describe();
    if (!CLOSED_STATUSES.includes(status)) return id;
  }
}

function isHalt({ cause, mode }: ModeRow): boolean {
  return cause === "halt" && mode === "HALTED";
}

/** The same halt, the same name. */
function idOf({ scope, cause, since }: ModeRow): string {
  return hash("sha256", JSON.stringify([scope, cause, since])).slice(0, 12);
}
