// A registration in the words of the wire.

import { type DomainResponse, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import { EXPIRED_MS, GRACE_MS, type Registration } from "./registration.ts";

export type DomainAnswer = z.input<typeof DomainResponse>;

export function domainAnswer(registration: Registration): DomainAnswer {
  const { id, name, status, registeredAt, expiresAt, paidLast, renewals } = registration;
  const expiry = isoOf(expiresAt);
  return {
    registration_id: id,
    id,
    name,
    status,
    registered_at: isoOf(registeredAt),
    expires_at: expiry,
    expiry,
    grace_until: isoOf(expiresAt + GRACE_MS),
    released_at: isoOf(expiresAt + GRACE_MS + EXPIRED_MS),
    price_micros: toMicros(paidLast),
    price_usdc: toGuideNumber(paidLast),
    renewals,
  };
}

/** What an event says of it. */
export function domainFacts(registration: Registration): Readonly<Record<string, unknown>> {
  const { id, name, status, expiresAt } = registration;
  return { registration_id: id, name, status, expires_at: isoOf(expiresAt) };
}

export function isoOf(instant: number): string {
  return new Date(instant).toISOString();
}
