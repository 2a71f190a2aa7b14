// The paper venue as a test holds it: in this process, on virtual time or the machine's, over real HTTP on
// loopback. An agent is registered for each account before it begins, so that every effect it shows is one of
// the test's runs.

import { HoldfastError, usdc } from "@holdfast/core";
import { type PurpleFlea, createPurpleFlea } from "@holdfast/purpleflea";
import {
  type Audit,
  type AuditFilter,
  type Effect,
  type Faults,
  type Sandbox,
  type SandboxOptions,
  openSandbox,
} from "@holdfast/sandbox";
import type { HeldVenue } from "@holdfast/testing/clock";

export interface TestVenueOptions extends Pick<
  SandboxOptions,
  "pairs" | "scripts" | "faults" | "casino"
> {
  /** USDC that each account has, as a decimal string. Default "10000.00". */
  readonly grant?: string | undefined;
  /** Seed of the market's prices. Default: the test's seed. */
  readonly seed?: string | undefined;
}

export interface TestVenueSettings extends TestVenueOptions {
  readonly accounts: readonly string[];
  readonly identitySeed: string;
  /** Where virtual time begins; without it, the venue goes by the machine's clock. */
  readonly start?: number | undefined;
  /** Its state file. Default: in memory. */
  readonly path?: string | undefined;
}

/** Effects read at once. */
const PAGE = 10_000;

export class TestVenue implements HeldVenue, AsyncDisposable {
  /** Base of its API, for a client of your own. */
  readonly url: string;
  /** What it does wrong: `faults.add({ kind: "drop", operations: ["open"], count: 1 })`. */
  readonly faults: Faults;
  readonly #sandbox: Sandbox;
  #since = 0;
  readonly #apiKeys = new Map<string, string>();

  private constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    this.url = sandbox.url;
    this.faults = sandbox.faults;
  }

  static async open(settings: TestVenueSettings): Promise<TestVenue> {
    const { accounts, start, path, identitySeed, grant, seed, faults = [], ...market } = settings;
    const sandbox = await openSandbox({
      ...market,
      path: path ?? ":memory:",
      seed: seed ?? identitySeed,
      identitySeed,
      faultSeed: identitySeed,
      ...(start === undefined ? {} : { clock: { mode: "frozen", now: start - 1 } }),
      ...(grant === undefined ? {} : { grant: usdc(grant) }),
    });
    const venue = new TestVenue(sandbox);
    const nobody = createPurpleFlea({ baseUrl: sandbox.url });
    for (const account of accounts) {
      const key = `${identitySeed}-register-${account}`;
      const { api_key: apiKey } = await nobody.faucet.register({ name: account }, { key });
      venue.#apiKeys.set(account, apiKey);
    }
    for (const fault of faults) venue.faults.add(fault);
    if (start !== undefined) await sandbox.venue.advanceTo(start);
    venue.#since = start ?? sandbox.venue.clock.now() + 1;
    return venue;
  }

  /** @throws HF-ACCOUNT-UNKNOWN */
  apiKey(account = "default"): string {
    const found = this.#apiKeys.get(account);
    if (found !== undefined) return found;
    throw new HoldfastError(
      "HF-ACCOUNT-UNKNOWN",
      `Cannot act for account "${account}": this test has ${[...this.#apiKeys.keys()].join(", ")}. Name it in its accounts.`,
    );
  }

  /** The API as an account sees it: balances, positions, prices; or to act beside the agent. */
  client(account = "default"): PurpleFlea {
    return createPurpleFlea({ baseUrl: this.url, apiKey: this.apiKey(account) });
  }

  /** Counts effects per business name: `duplicateEffects` must be 0. */
  async audit(filter: Pick<AuditFilter, "agent"> = {}): Promise<Audit> {
    await this.#settled();
    return this.#sandbox.venue.audit({ ...filter, since: this.#since });
  }

  /** Everything that has happened here, in order. */
  async effects(): Promise<readonly Effect[]> {
    await this.#settled();
    const found: Effect[] = [];
    for (;;) {
      const after = found.at(-1)?.id ?? 0;
      const page = this.#sandbox.venue.effects({ since: this.#since }, after, PAGE);
      found.push(...page);
      if (page.length < PAGE) return found;
    }
  }

  /** Whether it keeps the answer of a write with this key that was not refused, of any account. */
  keeps(key: string): boolean {
    const { venue } = this.#sandbox;
    return [...this.#apiKeys.values()].some((apiKey) => {
      const kept = venue.lookup(venue.authenticate(apiKey)?.id ?? "", key);
      return kept !== undefined && kept.status < 400;
    });
  }

  async held(): Promise<readonly number[]> {
    return this.#sandbox.venue.clock.held().map(({ until }) => until);
  }

  async advanceTo(instant: number): Promise<void> {
    await this.#sandbox.venue.advanceTo(instant);
  }

  /** @throws Error where the ledger does not sum to zero, or another of the venue's own rules is broken */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#sandbox.venue.assertInvariants();
    } finally {
      await this.#sandbox.close();
    }
  }

  /** Lets requests arrive that nobody waits for: a later one is answered after them. */
  async #settled(): Promise<void> {
    const { controlUrl, controlToken } = this.#sandbox;
    const headers = { authorization: `Bearer ${controlToken}` };
    await (await fetch(`${controlUrl}/_sandbox/clock`, { headers })).arrayBuffer();
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
