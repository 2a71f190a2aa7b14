// What a host pays attention to beside its runs: what the process uses, and what people are to be told. Each tells the
// other: a level that is reached is told, and is on disk as told before the process ends for it.

import type { Clock, HoldfastError, Log } from "@holdfast/core";
import type { Config } from "../config/config.ts";
import { watchSource } from "../watch/notices.ts";
import { type OpenWatch, openWatch } from "../watch/open.ts";
import type { ResourceWatch } from "../watch/watch.ts";
import type { Accounts } from "./accounts.ts";
import { breakerSource } from "./breaker-source.ts";
import { type EpisodeSource, type Episodes, episodesOf } from "./episodes.ts";
import type { StateFolder } from "./state-folder.ts";

export interface Attention extends Disposable {
  /** Undefined where nothing is watched. */
  readonly watch: ResourceWatch | undefined;
  /** Undefined where the project tells nobody. */
  readonly episodes: Episodes | undefined;
}

export interface AttentionOptions {
  readonly config: Config;
  readonly folder: StateFolder;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly log: Log;
  /** What else people are told. */
  readonly sources: readonly EpisodeSource[];
  /** Absent: nobody would end the process, and nothing is watched. */
  readonly onOverloaded?: ((error: HoldfastError) => void) | undefined;
}

/** How long an end waits until it is on disk that it is told, in milliseconds: the disk may be what is short. */
const TELL_MS = 5_000;

export function payAttention(options: AttentionOptions): Attention {
  const { config, folder, accounts, clock, log, onOverloaded } = options;
  const tell = async (): Promise<void> => episodes?.look();
  const end = async (why: HoldfastError): Promise<void> => {
    await Promise.race([tell(), after(clock, TELL_MS)]);
    onOverloaded?.(why);
  };
  const watched: OpenWatch | undefined =
    onOverloaded &&
    openWatch({
      config,
      folder: folder.path,
      clock,
      log,
      onChange: () => void tell(),
      onStop: (error) => void end(error),
    });
  const watch = watched?.watch;
  const watching = watch === undefined ? [] : [watchSource(() => watch.reached)];
  const sources = [breakerSource, ...options.sources, ...watching];
  const episodes = episodesOf({ config, log, sources }, accounts);
  return { watch, episodes, [Symbol.dispose]: () => watched?.[Symbol.dispose]() };
}

function after(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(clock.now() + ms, resolve);
  });
}
