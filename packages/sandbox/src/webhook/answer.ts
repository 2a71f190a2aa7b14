// Endpoints and deliveries in the words of the wire. Never with a secret.

import type { Webhook, WebhookDelivery } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Delivery } from "../store/delivery-table.ts";
import type { Endpoint } from "../store/webhook-table.ts";

export type WebhookAnswer = z.input<typeof Webhook>;
export type DeliveryAnswer = z.input<typeof WebhookDelivery>;

export function webhookAnswer(endpoint: Endpoint, at: number): WebhookAnswer {
  const { oldSecretUntil } = endpoint;
  const overlaps = oldSecretUntil !== null && at < oldSecretUntil;
  return {
    webhook_id: endpoint.id,
    url: endpoint.url,
    topics: [...endpoint.topics],
    description: endpoint.description,
    enabled: endpoint.enabled,
    disabled_reason: endpoint.disabledReason,
    created_at: iso(endpoint.createdAt),
    failing_since: isoOf(endpoint.failingSince),
    old_secret_until: overlaps ? iso(oldSecretUntil) : null,
  };
}

export function deliveryAnswer(delivery: Delivery): DeliveryAnswer {
  return {
    delivery_id: deliveryName(delivery.id),
    webhook_id: delivery.webhook,
    event_id: delivery.eventId,
    type: delivery.type,
    state: delivery.state,
    attempts: delivery.attempts,
    created_at: iso(delivery.createdAt),
    next_attempt_at: delivery.state === "waiting" ? iso(delivery.nextAt) : null,
    last_attempt_at: isoOf(delivery.lastAt),
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
  };
}

/** "dlv_17". */
export function deliveryName(id: number): string {
  return `dlv_${id}`;
}

/** The number of a delivery; undefined where it is no such name. */
export function deliveryNumber(name: string): number | undefined {
  const match = /^dlv_([1-9]\d{0,14})$/u.exec(name);
  return match === null ? undefined : Number(match[1]);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function isoOf(at: number | null): string | null {
  return at === null ? null : iso(at);
}
