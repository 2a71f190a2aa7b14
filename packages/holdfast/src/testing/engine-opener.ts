// How an engine is opened on a paper venue of one's own: the client and the secrets that its activities get, and
// what the configuration adds. Each life of a process that crashes is opened in the same way.

import {
  type Clock,
  type GuardPolicy,
  type Log,
  type OnBreaker,
  type PoliciesOptions,
  type Provided,
  provide,
} from "@holdfast/core";
import {
  type CrashPoints,
  type Definition,
  type EmbeddedEngine,
  type EngineOptions,
  openEngine,
} from "@holdfast/engine";
import {
  type SecretStore,
  createPurpleFlea,
  paperProfile,
  purpleFlea,
  secrets,
} from "@holdfast/purpleflea";
import { type Config, workflowsOf } from "../config/config.ts";
import type { Life } from "./life.ts";
import type { TestVenue } from "./test-venue.ts";

export interface Opening {
  /** The journal's file. */
  readonly path: string;
  readonly clock: Clock;
  readonly seed: string;
  /** The first part of all keys. */
  readonly namespace: string;
  readonly durability: "full" | "relaxed";
  /** How calls to venues are held back. Default: not at all. */
  readonly policies?: PoliciesOptions | undefined;
  readonly onBreaker?: OnBreaker | undefined;
  /** What agents may do. Default: modes alone bound them. */
  readonly guard?: GuardPolicy | undefined;
  readonly newId: () => string;
  /** What the next engine runs. */
  readonly definitions: () => readonly Definition[];
  readonly venue: TestVenue;
  readonly config: Config;
  /** Resources that come last, and so count. */
  readonly own: readonly Provided[];
  readonly log: Log;
  readonly historySuggest?: number | undefined;
}

export type OpenLife = (life: Life, point: CrashPoints) => Promise<EmbeddedEngine>;

export function engineOpener(opening: Opening): OpenLife {
  const { venue, config, own, definitions, historySuggest, ...same } = opening;
  const saved = new Map<string, string>();
  const suggested: Partial<EngineOptions> = historySuggest === undefined ? {} : { historySuggest };
  return ({ fetch }, point) =>
    openEngine({
      ...same,
      ...suggested,
      point,
      definitions: definitions(),
      resources: [
        provide(
          purpleFlea,
          (account) =>
            createPurpleFlea({ baseUrl: venue.url, apiKey: venue.apiKey(account), fetch }),
          paperProfile,
        ),
        provide(secrets, () => secretsIn(saved)),
        ...(config.resources ?? []),
        ...own,
      ],
    });
}

/** Every workflow and activity of a configuration, and some beside it. */
export function definitionsOf(
  config: Config,
  beside: readonly Definition[] = [],
): readonly Definition[] {
  return [...new Set([...beside, ...workflowsOf(config), ...(config.activities ?? [])])];
}

function secretsIn(saved: Map<string, string>): SecretStore {
  return {
    async save(name, value) {
      saved.set(name, value);
      return `secret:${name}`;
    },
    read: (name) => saved.get(name),
  };
}
