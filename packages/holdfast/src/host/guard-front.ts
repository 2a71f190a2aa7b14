// What people meet of the guard in a host: links to approvals, notices, and the closing of everything. It is made
// before the engine and the control server are open, and told when they are.

import type { Guard, HostedEngine, Log } from "@holdfast/core";
import type { Config } from "../config/config.ts";
import type { ControlOptions } from "../control/app.ts";
import type { Secrets } from "../secret/secrets.ts";
import type { Accounts } from "./accounts.ts";
import { approvalLinks, linkSecret } from "./approval-link.ts";
import { CloseAlls } from "./close-alls.ts";
import type { EpisodeSource } from "./episodes.ts";
import { guardSources } from "./guard-notices.ts";
import type { StateFolder } from "./state-folder.ts";

export interface GuardFrontOptions {
  readonly config: Config;
  readonly accounts: Accounts;
  readonly folder: StateFolder;
  readonly log: Log;
  readonly secrets: Secrets;
}

export interface GuardFront {
  readonly closer: CloseAlls;
  /** What the guard has to tell. */
  readonly sources: readonly EpisodeSource[];
  /** Puts links into a text that leaves; waits until it is known where people reach us. */
  readonly expand: (text: string) => Promise<string>;
  /** What the control server answers people with. */
  readonly answering: Pick<ControlOptions, "closer" | "links" | "linkBase">;
  /** Told of modes that have changed. */
  readonly onModes: () => void;
  /** The engine is open, and people reach its control server there. */
  opened(engine: HostedEngine, controlUrl: string): void;
}

/** @throws HF-STATE-… where the secret of the links cannot be kept */
export async function openGuardFront(options: GuardFrontOptions): Promise<GuardFront> {
  const { config, secrets } = options;
  let guard: Guard | undefined;
  let base = "";
  const reached = Promise.withResolvers<void>();
  // A project in which nobody is asked keeps no secret for answers.
  const isAsking = config.guard?.approval !== undefined;
  const links = isAsking ? approvalLinks(await linkSecret(secrets), () => base) : undefined;
  const closer = new CloseAlls(options);
  return {
    closer,
    answering: { closer, links, linkBase: config.notify?.linkBase },
    onModes: () => void closer.look(),
    sources: guardSources(() => guard),
    async expand(text) {
      if (links?.hasPlace(text) !== true) return text;
      await reached.promise;
      return links.expand(text);
    },
    opened(engine, controlUrl) {
      guard = engine.guard;
      base = (config.notify?.linkBase ?? controlUrl).replace(/\/+$/u, "");
      reached.resolve();
    },
  };
}
