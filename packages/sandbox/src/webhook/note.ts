// Notes what came of an attempt: through, to be tried again, or given up; and switches an endpoint off that
// nothing reaches any more.

import { micros } from "@holdfast/core";
import type { OwnContext } from "../command/context.ts";
import type { Journal } from "../command/journal.ts";
import type { Json } from "../command/command.ts";
import type { Event } from "../command/outcome.ts";
import type { Delivery, DueDelivery } from "../store/delivery-table.ts";
import type { Endpoint } from "../store/webhook-table.ts";
import { deliveryName } from "./answer.ts";
import type { Posted } from "./post.ts";
import { FAILING_MS_MAX, retryDelayMs } from "./retry.ts";

/** An attempt that has ended. */
export interface Attempt {
  readonly delivery: DueDelivery;
  /** When it began. */
  readonly at: number;
  readonly posted: Posted;
}

/** "Gone": the receiver wants nothing any more. */
const GONE = 410;

export function note(attempt: Attempt, seed: string, own: OwnContext, journal: Journal): void {
  const { delivery, posted } = attempt;
  const { webhooks, deliveries } = own.store;
  const current = deliveries.get(delivery.id);
  const endpoint = webhooks.get(delivery.webhook);
  if (current === undefined || endpoint === undefined) return;
  // Queued anew meanwhile: it is sent again, whatever came of this attempt.
  if (current.attempts !== delivery.attempts || current.nextAt !== delivery.nextAt) return;
  const after: Delivery = {
    ...current,
    attempts: current.attempts + 1,
    lastAt: attempt.at,
    lastStatus: posted.status,
    lastError: posted.kind === "failed" ? posted.error : null,
  };
  if (posted.kind === "through") {
    deliveries.update({ ...after, state: "delivered" });
    if (endpoint.failingSince !== null) webhooks.put({ ...endpoint, failingSince: null });
    return;
  }
  const failing = { ...endpoint, failingSince: endpoint.failingSince ?? attempt.at };
  if (endpoint.failingSince === null) webhooks.put(failing);
  // Switched off meanwhile: it waits for the endpoint, not for a time.
  if (current.state === "held") deliveries.update(after);
  else failedAttempt(after, failing, seed, own, journal);
}

function failedAttempt(
  after: Delivery,
  endpoint: Endpoint,
  seed: string,
  own: OwnContext,
  journal: Journal,
): void {
  const { at } = own;
  const { deliveries } = own.store;
  const isGone = after.lastStatus === GONE;
  const draw = `${seed}:${endpoint.id}:${after.eventId}`;
  const delay = isGone ? undefined : retryDelayMs(after.attempts, draw);
  if (delay !== undefined) {
    deliveries.update({ ...after, state: "waiting", nextAt: at + delay });
    return;
  }
  deliveries.update({ ...after, state: "failed" });
  const givenUp = { type: "webhook.delivery_failed", payload: facts(after) };
  tell("fail-delivery", givenUp, endpoint, own, journal);
  const isFailing = at - (endpoint.failingSince ?? at) >= FAILING_MS_MAX;
  if (isGone || isFailing) disable(endpoint, isGone ? "gone" : "failing", after, own, journal);
}

function disable(
  endpoint: Endpoint,
  reason: "gone" | "failing",
  last: Delivery,
  own: OwnContext,
  journal: Journal,
): void {
  const { webhooks, deliveries } = own.store;
  webhooks.put({ ...endpoint, enabled: false, disabledReason: reason });
  deliveries.hold(endpoint.id);
  const payload = { reason, ...facts(last) };
  tell("disable-webhook", { type: "webhook.disabled", payload }, endpoint, own, journal);
}

function facts(delivery: Delivery): Json {
  return {
    webhook_id: delivery.webhook,
    delivery_id: deliveryName(delivery.id),
    event_id: delivery.eventId,
    attempts: delivery.attempts,
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
  };
}

function tell(
  operation: string,
  event: Event,
  { agent }: Endpoint,
  { at }: OwnContext,
  journal: Journal,
): void {
  const id = journal.nextId();
  journal.keepOwn({ id, operation, agent, ref: null, at, amount: micros(0n), event });
}
