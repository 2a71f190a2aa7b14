// Sends again: one delivery, or every event that an endpoint's topics ask for since an instant, whether it was
// sent before or happened while the endpoint was off. And sends a test.

import type { ReplayedWebhookResponse, TestedWebhookResponse } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";
import type { Endpoint } from "../store/webhook-table.ts";
import { deliveryNumber } from "./answer.ts";
import type { WebhookCommand } from "./command.ts";
import { done } from "./done.ts";
import { ownWebhook, unknownWebhook } from "./endpoint.ts";
import { TEST_EVENT, wants } from "./topic.ts";

/** Events that one replay looks at. */
export const REPLAY_EVENTS_MAX = 1_000;

type Of<Name extends WebhookCommand["operation"]> = Extract<WebhookCommand, { operation: Name }>;

export function testWebhook({ webhook }: Of<"test-webhook">, context: Context): Outcome {
  const endpoint = ownWebhook(webhook, context);
  if (endpoint === undefined) return unknownWebhook();
  if (!endpoint.enabled) return disabled();
  const body: z.input<typeof TestedWebhookResponse> = {
    webhook_id: endpoint.id,
    event_type: TEST_EVENT,
  };
  return done(context, body, { type: TEST_EVENT, payload: { webhook_id: endpoint.id } });
}

export function replayWebhook({ webhook, what }: Of<"replay-webhook">, context: Context): Outcome {
  const endpoint = ownWebhook(webhook, context);
  if (endpoint === undefined) return unknownWebhook();
  if (!endpoint.enabled) return disabled();
  if (what.kind === "since") {
    return replayed(endpoint, queueSince(endpoint, what.since, what.after, context), context);
  }
  const delivery = context.store.deliveries.get(deliveryNumber(what.delivery) ?? 0);
  if (delivery?.webhook !== endpoint.id) {
    return refused("unknown_delivery", "The webhook has no delivery of this id.");
  }
  context.store.deliveries.queue(endpoint.id, delivery.eventId, context.at);
  return replayed(endpoint, { queued: 1, next: null }, context);
}

interface Queued {
  readonly queued: number;
  readonly next: string | null;
}

function queueSince(
  { id, topics }: Endpoint,
  since: number,
  after: string,
  { store, agent, at }: Context,
): Queued {
  const events = store.deliveries.events(agent, since, after, REPLAY_EVENTS_MAX);
  const wanted = events.filter(({ type }) => wants(topics, type));
  for (const { eventId } of wanted) store.deliveries.queue(id, eventId, at);
  const next = events.length < REPLAY_EVENTS_MAX ? null : (events.at(-1)?.eventId ?? null);
  return { queued: wanted.length, next };
}

function replayed({ id }: Endpoint, { queued, next }: Queued, context: Context): Outcome {
  const body: z.input<typeof ReplayedWebhookResponse> = { webhook_id: id, queued, next };
  const payload = { webhook_id: id, queued };
  return done(context, body, { type: "webhook.replayed", payload });
}

function disabled(): Outcome {
  const detail = "The webhook is switched off: switch it on first (enabled: true).";
  return refused("webhook_disabled", detail);
}
