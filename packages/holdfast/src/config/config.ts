// What a project says in `holdfast.config.ts`: its venue, its agents, its workflows, and the runs it wants.

import type {
  Activity,
  EngineFactory,
  GuardPolicy,
  PoliciesOptions,
  Provided,
  Schemas,
  Workflow,
} from "@holdfast/core";
import type { Channel, QuietHours } from "@holdfast/notify";
import type { Secret } from "../secret/secret.ts";
import type { Watch } from "../watch/limits.ts";

// Lists of definitions hold any of them, whose parameters vary in both directions.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyWorkflow = Workflow<any, any, any, any, any>;
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyActivity = Activity<any, any>;

/** The paper venue in this process, over HTTP on loopback. */
export interface PaperVenue {
  readonly kind: "paper";
  /** USDC that a registration gives, as a decimal string. Default "10000.00". */
  readonly grant?: string | undefined;
  /** Seed of the market. */
  readonly seed?: string | undefined;
  /** Port of the venue's API. Default: a free one, the same again after a restart. */
  readonly port?: number | undefined;
  /** Port of the venue's audit, clock and faults. Default: a free one, the same again after a restart. */
  readonly controlPort?: number | undefined;
}

/** A paper venue that runs elsewhere, such as `holdfast sandbox`. */
export interface RemoteVenue {
  readonly kind: "remote";
  readonly baseUrl: string;
}

/** A venue that moves real money. Only here are live API keys accepted, and only they. */
export interface LiveVenue {
  readonly kind: "live";
  readonly mode: "live";
  readonly baseUrl: string;
  /** What the venue can do: "guide" (default) honours idempotency keys, "public-2026-03" does not. */
  readonly profile?: "guide" | "public-2026-03" | undefined;
}

/** An agent at the venue. */
export interface Account {
  /** Name under which a paper venue registers it. Default: the account's own. */
  readonly name?: string | undefined;
  /**
   * Where its API key is. Default: PURPLEFLEA_API_KEY for the account "default" and
   * PURPLEFLEA_API_KEY_<ACCOUNT> for others; at a paper venue, else, the key of its registration.
   */
  readonly apiKey?: Secret | undefined;
}

/** A run that the host makes sure is started; made by `run`. */
export interface FleetRun {
  readonly workflow: AnyWorkflow;
  readonly input: unknown;
  readonly id: string;
  readonly account: string;
}

/** Who is told when something needs a person, durably: see docs/guides/notify.md. */
export interface Notify {
  readonly channels: readonly Channel[];
  /** When only what is critical is told. */
  readonly quiet?: QuietHours | undefined;
  /** Told when more runs than so many wait for a person. Default 10. */
  readonly deadLettersAbove?: number | undefined;
  /** Ids of runs whose failure is told by itself. Default: those of the fleet. */
  readonly critical?: readonly string[] | undefined;
  /** Where messages come from. Default: the name of the project's folder. */
  readonly source?: string | undefined;
  /**
   * Where people reach the pages of approvals: "https://ops.example.com/holdfast", behind which a proxy asks this
   * process. Default: the control API's own address on this machine.
   */
  readonly linkBase?: string | undefined;
}

export interface Config {
  /** What executes the runs. Default: the embedded engine, on a journal in the state folder. */
  readonly engine?: EngineFactory | undefined;
  /** Default: the paper venue, started along. */
  readonly venue?: PaperVenue | RemoteVenue | LiveVenue | undefined;
  /** Agents by account name. Default: one, "default". */
  readonly accounts?: Readonly<Record<string, Account>> | undefined;
  /** Workflows that can be started; those of the fleet are known without being listed. */
  readonly workflows?: readonly AnyWorkflow[] | undefined;
  /** Activities, where their names should be checked at load. */
  readonly activities?: readonly AnyActivity[] | undefined;
  /** Runs that are started with the host, once. */
  readonly fleet?: readonly FleetRun[] | undefined;
  /** What the agents may do; made by `guard`. Default: nothing bounds them but a halt. */
  readonly guard?: GuardPolicy | undefined;
  /** Who is told when something needs a person, and how. */
  readonly notify?: Notify | undefined;
  /**
   * How calls to venues are held back, by the name of the venue's resource: `{ purpleflea: { concurrency: 8 } }`. Each
   * venue has a breaker for reads and one for writes, unless it says `breaker: false`. See docs/guides/policies.md.
   */
  readonly policies?: PoliciesOptions | undefined;
  /** What the process may use before it takes less work, and then ends. Default: the limits of the machine. */
  readonly watch?: Watch | false | undefined;
  /** Further resources for activities. */
  readonly resources?: readonly Provided[] | undefined;
  /** Where state lies. Default ".holdfast", beside the configuration. */
  readonly stateFolder?: string | undefined;
  /** "full" (default): on disk before it is acknowledged; "relaxed": a power cut may lose the last moment. */
  readonly durability?: "full" | "relaxed" | undefined;
}

/**
 * Says what a project runs.
 *
 * @example
 * export default defineConfig({
 *   accounts: { alpha: {}, beta: {} },
 *   fleet: [
 *     run(dca, { symbol: "BTC-PERP", amountUsd: "25.00", every: "1w", periods: 52 }, { id: "dca-btc", account: "alpha" }),
 *   ],
 * });
 */
export function defineConfig(config: Config): Config {
  return config;
}

/** The paper venue, started along with the engine. */
export function paper(options: Omit<PaperVenue, "kind"> = {}): PaperVenue {
  return { kind: "paper", ...options };
}

/** A paper venue that runs elsewhere: `remote({ baseUrl: "http://127.0.0.1:4100" })`. */
export function remote(options: Omit<RemoteVenue, "kind">): RemoteVenue {
  return { kind: "remote", ...options };
}

/** A venue with real money: every account needs a live API key. */
export function live(options: Omit<LiveVenue, "kind" | "mode">): LiveVenue {
  return { kind: "live", mode: "live", ...options };
}

/** A run of the fleet; an input that does not fit the workflow does not compile. */
export function run<Input, Output, S extends Schemas, Q extends Schemas>(
  workflow: Workflow<Input, Output, S, Q>,
  input: NoInfer<Input>,
  options: { readonly id: string; readonly account?: string },
): FleetRun {
  return { workflow, input, id: options.id, account: options.account ?? "default" };
}

/** Names of a project's accounts. */
export function accountsOf(config: Config): readonly string[] {
  return Object.keys(config.accounts ?? { default: {} });
}

/** Workflows of a project: those listed, and those of its fleet. */
export function workflowsOf(config: Config): readonly AnyWorkflow[] {
  const ofFleet = (config.fleet ?? []).map(({ workflow }) => workflow);
  return [...new Set([...(config.workflows ?? []), ...ofFleet])];
}

/** The ending of the environment variables of an account: "" for the default one, else "_ALPHA". */
export function environmentSuffix(account: string): string {
  return account === "default" ? "" : `_${account.toUpperCase().replaceAll("-", "_")}`;
}
