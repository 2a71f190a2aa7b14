// Domains: POST /api/v1/domains/register {name}, renewal, the agent's own names, and a search with prices. What
// is registered here is play: no name is registered anywhere else.

import { z } from "zod";
import { Carriers } from "./carrier.ts";
import { GuideNumber, Micros } from "./money.ts";

/** Most years that one registration or renewal pays for, and that an expiry may lie ahead. */
export const DOMAIN_YEARS_MAX = 10;

/** Longest text that is taken for a name or a search, in characters. */
export const DOMAIN_TEXT_MAX = 253;

/**
 * How a registration stands: active; in grace, after its expiry, when its owner may still renew; expired, when
 * nobody may do anything; released, when anybody may register the name.
 */
export const DomainStatus = z.enum(["active", "grace", "expired", "released"]);

const name = z.string().min(1).max(DOMAIN_TEXT_MAX);
const years = z.number().int().min(1).max(DOMAIN_YEARS_MAX).default(1);

export const RegisterDomainRequest = z.object({ name, years, ...Carriers.shape });

/** `expires_at`, where it is given, must be the expiry as it stands: a renewal is then made once only. */
export const RenewDomainRequest = z.object({
  name,
  years,
  expires_at: z.iso.datetime().optional(),
  ...Carriers.shape,
});

/** A registration as its owner sees it. */
export const DomainResponse = z.object({
  registration_id: z.string(),
  /** The same as `registration_id`. */
  id: z.string().optional(),
  name: z.string(),
  status: DomainStatus,
  /** ISO 8601. */
  registered_at: z.string().optional(),
  /** ISO 8601. */
  expires_at: z.string(),
  /** The same as `expires_at`. */
  expiry: z.string().optional(),
  /** Until when its owner may renew it, ISO 8601. */
  grace_until: z.string().optional(),
  /** From when on anybody may register it, ISO 8601. */
  released_at: z.string().optional(),
  /** What this registration or renewal took; of one that is only looked at, what was paid last. */
  price_micros: Micros,
  price_usdc: GuideNumber,
  renewals: z.number().int().optional(),
});

export const DomainsResponse = z.object({ domains: z.array(DomainResponse) });

/** What anybody may know of a name. */
export const DomainOffer = z.object({
  name: z.string(),
  available: z.boolean(),
  /** For one year. */
  price_micros: Micros,
  price_usdc: GuideNumber,
  /** True where the caller holds it. */
  owned: z.boolean().optional(),
  /** Of a name that is taken, ISO 8601. */
  expires_at: z.string().nullable().optional(),
  /** Of a name that is taken, unless it is renewed: ISO 8601. */
  released_at: z.string().nullable().optional(),
});

export const DomainSearchResponse = z.object({ results: z.array(DomainOffer) });

export type DomainStatus = z.output<typeof DomainStatus>;
export type RegisterDomainRequest = z.output<typeof RegisterDomainRequest>;
export type RenewDomainRequest = z.output<typeof RenewDomainRequest>;
export type DomainResponse = z.output<typeof DomainResponse>;
export type DomainsResponse = z.output<typeof DomainsResponse>;
export type DomainOffer = z.output<typeof DomainOffer>;
export type DomainSearchResponse = z.output<typeof DomainSearchResponse>;
