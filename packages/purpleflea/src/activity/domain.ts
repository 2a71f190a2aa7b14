// Activities around domains: look for a name, register it, keep it. A venue that knows no key, or has forgotten
// it, is asked who holds the name before anything is sent again.

import {
  type Activity,
  type ActivityContext,
  type GuardedCommand,
  HoldfastError,
  type Reconciliation,
  type Usdc,
  activity,
  micros,
  usdc,
} from "@holdfast/core";
import { z } from "zod";
import { DomainExpired, DomainTaken, InsufficientFunds } from "../client/failure.ts";
import { money } from "../money.ts";
import { purpleFlea } from "../resource.ts";
import { DOMAIN_YEARS_MAX, DomainResponse, DomainStatus } from "../wire/index.ts";
import { byKey } from "./reconcile.ts";

const name = z.string().min(1);
const years = z.number().int().min(1).max(DOMAIN_YEARS_MAX).optional();

/** The receipt of a registration or a renewal, and a domain as it stands. */
export const Domain = z.object({
  registrationId: z.string(),
  name: z.string(),
  status: DomainStatus,
  /** In milliseconds since the epoch. */
  expiresAt: z.number(),
  /** What this registration or renewal took. */
  price: money(),
});

const Order = z.object({ name, years });

/** Registers a name. `total` (default 5 min) says how late it may still be registered. */
export const registerDomain: Activity<
  z.input<typeof Order>,
  z.output<typeof Domain>,
  typeof DomainTaken | typeof InsufficientFunds
> = activity({
  name: "purpleflea.registerDomain",
  input: Order,
  output: Domain,
  effect: "money",
  uses: { venue: purpleFlea },
  timeouts: { total: "5m", attempt: "30s" },
  failures: [DomainTaken, InsufficientFunds],
  guard: (order) => yearsOf("domain.register", order),
  cost: ({ price }) => price,
  observe: ({ price }) => [{ kind: "flow", amount: micros(-price) }],
  run: async (order, a) => shown(await a.use(purpleFlea).domains.register(order)),
  // Who holds the name has what was wanted, whichever request it was.
  reconcile: (order, a) => settled(a, order.name, () => "done"),
});

const Renewal = z.object({
  name,
  years,
  /** The expiry before the renewal, in milliseconds since the epoch: with it, no expiry is renewed twice. */
  expiresAt: z.number().int().optional(),
});

/** Adds years to a name's expiry. `total` (default 5 min) says how late it may still be renewed. */
export const renewDomain: Activity<
  z.input<typeof Renewal>,
  z.output<typeof Domain>,
  typeof DomainExpired | typeof InsufficientFunds
> = activity({
  name: "purpleflea.renewDomain",
  input: Renewal,
  output: Domain,
  effect: "money",
  uses: { venue: purpleFlea },
  timeouts: { total: "5m", attempt: "30s" },
  failures: [DomainExpired, InsufficientFunds],
  guard: (order) => yearsOf("domain.renew", order),
  cost: ({ price }) => price,
  observe: ({ price }) => [{ kind: "flow", amount: micros(-price) }],
  run: async ({ expiresAt, ...order }, a) => {
    const known = expiresAt === undefined ? undefined : new Date(expiresAt).toISOString();
    return shown(await a.use(purpleFlea).domains.renew({ ...order, expiresAt: known }));
  },
  reconcile: (order, a) =>
    settled(a, order.name, ({ expiresAt }) => {
      if (order.expiresAt === undefined) return "unknown";
      return expiresAt > order.expiresAt ? "done" : "not-done";
    }),
});

/** What is reserved for a year of a name: more than any ending costs; a short name may cost more, which is posted. */
const YEAR: Usdc = usdc("120.00");

function yearsOf(
  operation: string,
  { name: detail, years = 1 }: z.output<typeof Order>,
): GuardedCommand {
  return { operation, kind: "open", detail, amount: micros(YEAR * BigInt(years)) };
}

type Verdict = "done" | "not-done" | "unknown";

/** What became of a write: by its key, or where the venue knows it not or no more, by how the name stands. */
async function settled(
  a: ActivityContext,
  wanted: string,
  judge: (held: z.input<typeof Domain>) => Verdict,
): Promise<Reconciliation<z.input<typeof Domain>>> {
  const { domains, idempotency, profile } = a.use(purpleFlea);
  if (profile.lookup && idempotency.isRemembered()) return byKey(a, DomainResponse, shown);
  let held: z.input<typeof Domain>;
  try {
    held = shown(await domains.get(wanted));
  } catch (error) {
    if (isNotOwn(error)) return { kind: "not-done" };
    throw error;
  }
  if (held.status === "released") return { kind: "not-done" };
  const verdict = judge(held);
  if (verdict === "done") return { kind: "done", output: held };
  if (verdict === "not-done") return { kind: "not-done" };
  const reason = `the venue does not know the key, and ${wanted} does not show whether it was renewed: say expiresAt`;
  return { kind: "unknown", reason };
}

function isNotOwn(error: unknown): boolean {
  return error instanceof HoldfastError && error.details["venueCode"] === "unknown_domain";
}

const Found = z.array(
  z.object({
    name: z.string(),
    available: z.boolean(),
    /** For one year. */
    price: money(),
    owned: z.boolean(),
    /** Of a name that is taken, where the venue tells, in milliseconds since the epoch. */
    expiresAt: z.number().nullable(),
    /** From when on a name that is taken can be had, unless it is renewed. */
    releasedAt: z.number().nullable(),
  }),
);

/** Whether names are free, and their prices: of one name, or of a label with every ending. */
export const searchDomains: Activity<{ query: string }, z.output<typeof Found>> = activity({
  name: "purpleflea.searchDomains",
  input: z.object({ query: name }),
  output: Found,
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { total: "30s", attempt: "10s" },
  run: async ({ query }, a) =>
    (await a.use(purpleFlea).domains.search(query)).map((offer) => ({
      name: offer.name,
      available: offer.available,
      price: offer.price_micros,
      owned: offer.owned ?? false,
      expiresAt: instant(offer.expires_at),
      releasedAt: instant(offer.released_at),
    })),
});

/** A name of the agent's own; null where it never had it. */
export const getDomain: Activity<{ name: string }, z.output<typeof Domain> | null> = activity({
  name: "purpleflea.getDomain",
  input: z.object({ name }),
  output: Domain.nullable(),
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { total: "30s", attempt: "10s" },
  run: async (asked, a) => {
    try {
      return shown(await a.use(purpleFlea).domains.get(asked.name));
    } catch (error) {
      if (isNotOwn(error)) return null;
      throw error;
    }
  },
});

function shown(answer: z.output<typeof DomainResponse>): z.input<typeof Domain> {
  return {
    registrationId: answer.registration_id,
    name: answer.name,
    status: answer.status,
    expiresAt: Date.parse(answer.expires_at),
    price: answer.price_micros,
  };
}

function instant(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Date.parse(text);
}
