// The paper venue of a world: on a file, with a frozen clock and seeded identities, reached without sockets. It
// crashes, comes back, and is put back to an older backup, while agents keep their API keys.

import type { Server } from "node:http";
import { join } from "node:path";
import { createPurpleFlea } from "@holdfast/purpleflea";
import {
  type ApiOptions,
  type Audit,
  type Effect,
  type FaultRuleInput,
  Faults,
  type Invariant,
  type Venue,
  type VenueOptions,
  createApi,
  createVenue,
  serve,
} from "@holdfast/sandbox";
import type { HeldVenue, VirtualClock } from "@holdfast/testing/clock";
import { copyState } from "./files.ts";
import { fetchFrom } from "./transport.ts";

export interface PaperVenueOptions extends ApiOptions, Partial<VenueOptions> {
  readonly faults?: readonly FaultRuleInput[];
}

export interface PaperVenueSettings {
  readonly folder: string;
  readonly seed: string;
  readonly clock: VirtualClock;
  readonly accounts: readonly string[];
  readonly options: PaperVenueOptions;
}

/** A copy of the venue's state, and what it was taken of. */
export interface VenueBackup {
  readonly path: string;
  /** The venue's time when it was taken. */
  readonly at: number;
}

/** Where clients find it. */
export const VENUE_URL = "http://venue.test";
/** Effects read at once. */
const PAGE = 10_000;

export class PaperVenue implements HeldVenue, Disposable {
  readonly path: string;
  /** The HTTP way to the venue; refused while it is down. */
  readonly fetch: typeof fetch;
  readonly #settings: PaperVenueSettings;
  readonly #apiKeys = new Map<string, string>();
  readonly #agents = new Map<string, string>();
  #venue: Venue | undefined;
  #server: Server | undefined;
  #faults: Faults | undefined;
  #crashed = false;
  #backups = 0;
  /** Milliseconds by which the venue's time is ahead of the engine's. */
  #ahead = 0;
  /** Hits of rules of venues that have gone, by kind. */
  readonly #hits = new Map<string, number>();

  constructor(settings: PaperVenueSettings) {
    this.#settings = settings;
    this.path = join(settings.folder, "venue.sqlite");
    this.fetch = fetchFrom(() => this.#server);
  }

  /** Opens it for the first time, and registers an agent for each account. */
  async begin(): Promise<void> {
    const { seed, accounts, options } = this.#settings;
    this.open([]);
    const nobody = createPurpleFlea({ baseUrl: VENUE_URL, fetch: this.fetch });
    for (const account of accounts) {
      const mark = { key: `${seed}-register-${account}`, ref: `world/${account}/register` };
      const registered = await nobody.faucet.register({ name: account }, mark);
      this.#apiKeys.set(account, registered.api_key);
      this.#agents.set(registered.agent_id, account);
    }
    for (const fault of options.faults ?? []) this.faults.add(fault);
  }

  get isUp(): boolean {
    return this.#venue !== undefined;
  }

  get venue(): Venue {
    if (this.#venue === undefined) throw new Error("The world's venue is down.");
    return this.#venue;
  }

  get faults(): Faults {
    if (this.#faults === undefined) throw new Error("The world's venue is down.");
    return this.#faults;
  }

  /** True once a fault of the kind "crash" has struck; `crash` and `open` bring it back. */
  get hasCrashed(): boolean {
    return this.#crashed;
  }

  get ahead(): number {
    return this.#ahead;
  }

  now(): number {
    return this.#settings.clock.now() + this.#ahead;
  }

  apiKey(account: string): string | undefined {
    return this.#apiKeys.get(account);
  }

  /** The account whose agent has this id at the venue. */
  accountOf(agent: string): string | undefined {
    return this.#agents.get(agent);
  }

  /** Opens it on its file, with the faults of its options. */
  open(faults: readonly FaultRuleInput[] = this.#settings.options.faults ?? []): void {
    const { seed, options } = this.#settings;
    const venue = createVenue({
      seed,
      identitySeed: seed,
      durability: "relaxed",
      ...options,
      path: this.path,
      clock: { mode: "frozen", now: this.now() },
    });
    this.#venue = venue;
    this.#crashed = false;
    this.#faults = new Faults(seed, faults, {
      now: () => venue.clock.now(),
      crash: () => {
        this.#crashed = true;
        this.#server = undefined;
      },
    });
    this.#server = serve(createApi(venue, this.#faults, options));
  }

  /** Starts it again after a crash: the fault that has ended it has struck. */
  reopen(): void {
    const { faults = [] } = this.#settings.options;
    this.open(faults.filter(({ kind }) => kind !== "crash"));
  }

  /** Ends it: what is held or on its way is not carried out, and connections are refused. */
  crash(): void {
    this.#noteHits();
    this.#venue?.[Symbol.dispose]();
    this.#venue = undefined;
    this.#server = undefined;
    this.#faults = undefined;
  }

  backup(): VenueBackup {
    const path = join(this.#settings.folder, `venue-backup-${this.#backups++}.sqlite`);
    copyState(this.path, path);
    return { path, at: this.now() };
  }

  /** Puts an older state in the place of this one; it must be down. */
  restore({ path }: VenueBackup): void {
    if (this.isUp) throw new Error("Cannot restore a venue that is up.");
    copyState(path, this.path);
  }

  /** The engine's clock was set, and the venue's was not. */
  shift(byMs: number): void {
    this.#ahead -= byMs;
  }

  audit(): Audit {
    return this.venue.audit();
  }

  invariants(): readonly Invariant[] {
    return this.venue.checkInvariants();
  }

  /** Everything that callers have caused, but for the registrations of the world's own agents. */
  effects(): readonly Effect[] {
    const found: Effect[] = [];
    for (;;) {
      const page = this.venue.effects({}, found.at(-1)?.id ?? 0, PAGE);
      found.push(...page);
      if (page.length < PAGE) break;
    }
    return found.filter(({ ref }) => ref?.startsWith("world/") !== true);
  }

  /** By kind: how many requests faults have struck since the world began. */
  hits(): ReadonlyMap<string, number> {
    const all = new Map(this.#hits);
    for (const { rule, hits } of this.#faults?.list() ?? [])
      all.set(rule.kind, (all.get(rule.kind) ?? 0) + hits);
    return all;
  }

  async held(): Promise<readonly number[]> {
    return (this.#venue?.clock.held() ?? []).map(({ until }) => until - this.#ahead);
  }

  async advanceTo(instant: number): Promise<void> {
    const venue = this.#venue;
    try {
      await venue?.advanceTo(instant + this.#ahead);
    } catch (error) {
      // It crashed on the way.
      if (this.#venue === venue) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.crash();
  }

  #noteHits(): void {
    for (const [kind, hits] of this.hits()) this.#hits.set(kind, hits);
  }
}
