// What a project says in `holdfast.config.ts`.

import { type Activity, type Provided, type Workflow, type Schemas } from "@holdfast/core";

// Lists of definitions hold any of them, whose parameters vary in both directions.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyWorkflow = Workflow<any, any, any, any>;
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyActivity = Activity<any, any>;

export interface PaperVenue {
  readonly kind: "paper";
  /** USDC that a registration gives, as a decimal string. Default "10000.00". */
  readonly grant?: string | undefined;
  /** Seed of the market. */
  readonly seed?: string | undefined;
  /** Port of the venue's API. Default: a free one, the same again after a restart. */
  readonly port?: number | undefined;
}

export interface RemoteVenue {
  readonly kind: "remote";
  readonly mode: "paper" | "live";
  readonly baseUrl: string;
}

/** An agent at the venue. Its API key comes from the environment, or from the secrets after registration. */
export interface Account {
  /** Name under which the paper venue registers it. Default: the account's own. */
  readonly name?: string | undefined;
  /** Environment variable that holds its API key. Default PURPLEFLEA_API_KEY_<ACCOUNT>, for "default" PURPLEFLEA_API_KEY. */
  readonly apiKeyFrom?: string | undefined;
}

/** A run that the host makes sure is started. */
export interface FleetRun {
  readonly workflow: AnyWorkflow;
  readonly input: unknown;
  readonly id: string;
  readonly account: string;
}

export interface Config {
  /** Default: the paper venue, started along. */
  readonly venue?: PaperVenue | RemoteVenue | undefined;
  /** Agents by account name. Default: one, "default". */
  readonly accounts?: Readonly<Record<string, Account>> | undefined;
  /** Workflows that can be started; those of the fleet are known without being listed. */
  readonly workflows?: readonly AnyWorkflow[] | undefined;
  /** Activities, where their names should be checked at load. */
  readonly activities?: readonly AnyActivity[] | undefined;
  /** Runs that are started with the host, once. */
  readonly fleet?: readonly FleetRun[] | undefined;
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
 *   fleet: [run(dca, { symbol: "BTC-PERP", amountUsd: "25.00", every: "1w", periods: 52 }, { id: "dca-btc" })],
 * });
 */
export function defineConfig(config: Config): Config {
  return config;
}

/** The paper venue, started along with the engine. */
export function paper(options: Omit<PaperVenue, "kind"> = {}): PaperVenue {
  return { kind: "paper", ...options };
}

/** A venue elsewhere; with mode "live" it moves real money, and only then are live keys accepted. */
export function remote(options: Omit<RemoteVenue, "kind">): RemoteVenue {
  return { kind: "remote", ...options };
}

/** A run of the fleet; an input that does not fit the workflow does not compile. */
export function run<Input, Output, S extends Schemas, Q extends Schemas>(
  workflow: Workflow<Input, Output, S, Q>,
  input: NoInfer<Input>,
  options: { readonly id: string; readonly account?: string },
): FleetRun {
  return { workflow, input, id: options.id, account: options.account ?? "default" };
}
