// Webhooks: what the venue sends to an agent's own address, and …/api/webhooks, where addresses are registered
// (an extension of the paper venue: the guides know a dashboard instead).

import { z } from "zod";
import { Carriers } from "./carrier.ts";
import { EventEnvelope } from "./event.ts";

/** What is sent: the bytes of this object, the same at each attempt. A repetition has the same id. */
export const WebhookEvent = EventEnvelope.extend({
  agentId: z.string(),
  payload: z.record(z.string(), z.unknown()),
});

/** Topics of one endpoint, at most. */
export const WEBHOOK_TOPICS_MAX = 50;

const Topics = z.array(z.string().min(1).max(100)).min(1).max(WEBHOOK_TOPICS_MAX).readonly();
const Url = z.string().min(1).max(2_048);
const Description = z.string().max(500);
const webhookId = z.string().min(1).max(100);

/** POST /api/webhooks. A topic is a type, "wallet.*" for all of a domain, or "*". */
export const RegisterWebhookRequest = z.object({
  url: Url,
  topics: Topics.default(["*"]),
  description: Description.default(""),
  ...Carriers.shape,
});

/** POST /api/webhooks/update: what is left out stays. */
export const UpdateWebhookRequest = z.object({
  webhook_id: webhookId,
  url: Url.optional(),
  topics: Topics.optional(),
  description: Description.optional(),
  enabled: z.boolean().optional(),
  ...Carriers.shape,
});

/** POST /api/webhooks/delete and …/test. */
export const NamedWebhookRequest = z.object({ webhook_id: webhookId, ...Carriers.shape });

/** How long both secrets sign, in seconds: by default, and at most. */
export const SECRET_OVERLAP_SECONDS = 86_400;
export const SECRET_OVERLAP_SECONDS_MAX = 604_800;

/** POST /api/webhooks/rotate-secret. */
export const RotateWebhookSecretRequest = z.object({
  webhook_id: webhookId,
  overlap_seconds: z
    .number()
    .int()
    .min(0)
    .max(SECRET_OVERLAP_SECONDS_MAX)
    .default(SECRET_OVERLAP_SECONDS),
  ...Carriers.shape,
});

/** POST /api/webhooks/replay: one delivery, or every event of the topics from an instant on. */
export const ReplayWebhookRequest = z.object({
  webhook_id: webhookId,
  delivery_id: z.string().min(1).max(100).optional(),
  /** Milliseconds since the epoch. */
  since: z.number().int().min(0).optional(),
  /** With `since`: only events after this one, as `next` of the answer before says. */
  after: z.string().min(1).max(100).optional(),
  ...Carriers.shape,
});

/** Why an endpoint is sent nothing: it was switched off, its last attempts failed, or it said 410. */
export const WebhookDisabledReason = z.enum(["asked", "failing", "gone"]);

export const Webhook = z.object({
  webhook_id: z.string(),
  url: z.string(),
  topics: z.array(z.string()),
  description: z.string(),
  enabled: z.boolean(),
  disabled_reason: WebhookDisabledReason.nullable(),
  /** ISO 8601. */
  created_at: z.string(),
  /** Since when no attempt has got through; null where the last one did. */
  failing_since: z.string().nullable(),
  /** Until when the secret before the present one signs, too. */
  old_secret_until: z.string().nullable(),
});

/** The only answers with a secret: of a registration and of a rotation. */
export const WebhookWithSecret = z.object({
  ...Webhook.shape,
  /** `whsec_` and base64. Kept by the receiver: it is not shown again. */
  secret: z.string(),
});

export const WebhooksResponse = z.object({ webhooks: z.array(Webhook) });

export const RemovedWebhookResponse = z.object({ webhook_id: z.string(), removed: z.boolean() });

/** Waiting for its next attempt; held back while its endpoint is off; through; given up. */
export const WebhookDeliveryState = z.enum(["waiting", "held", "delivered", "failed"]);

export const WebhookDelivery = z.object({
  delivery_id: z.string(),
  webhook_id: z.string(),
  event_id: z.string(),
  type: z.string(),
  state: WebhookDeliveryState,
  /** Those that have ended. */
  attempts: z.number().int(),
  /** ISO 8601. */
  created_at: z.string(),
  next_attempt_at: z.string().nullable(),
  last_attempt_at: z.string().nullable(),
  /** What the receiver answered last; null where there was no answer. */
  last_status: z.number().int().nullable(),
  /** "timeout", "refused", "redirect", … where the last attempt failed. */
  last_error: z.string().nullable(),
});

/** GET /api/webhooks/:id/deliveries?limit=&state=: newest first. */
export const WebhookDeliveriesResponse = z.object({ deliveries: z.array(WebhookDelivery) });

export const TestedWebhookResponse = z.object({ webhook_id: z.string(), event_type: z.string() });

export const ReplayedWebhookResponse = z.object({
  webhook_id: z.string(),
  /** Deliveries that are sent again, or for the first time. */
  queued: z.number().int(),
  /** The last event that was looked at, where there are more: ask again with it as `after`. */
  next: z.string().nullable(),
});

export type WebhookEvent = z.output<typeof WebhookEvent>;
export type RegisterWebhookRequest = z.output<typeof RegisterWebhookRequest>;
export type UpdateWebhookRequest = z.output<typeof UpdateWebhookRequest>;
export type NamedWebhookRequest = z.output<typeof NamedWebhookRequest>;
export type RotateWebhookSecretRequest = z.output<typeof RotateWebhookSecretRequest>;
export type ReplayWebhookRequest = z.output<typeof ReplayWebhookRequest>;
export type WebhookDisabledReason = z.output<typeof WebhookDisabledReason>;
export type Webhook = z.output<typeof Webhook>;
export type WebhookWithSecret = z.output<typeof WebhookWithSecret>;
export type WebhooksResponse = z.output<typeof WebhooksResponse>;
export type RemovedWebhookResponse = z.output<typeof RemovedWebhookResponse>;
export type WebhookDeliveryState = z.output<typeof WebhookDeliveryState>;
export type WebhookDelivery = z.output<typeof WebhookDelivery>;
export type WebhookDeliveriesResponse = z.output<typeof WebhookDeliveriesResponse>;
export type TestedWebhookResponse = z.output<typeof TestedWebhookResponse>;
export type ReplayedWebhookResponse = z.output<typeof ReplayedWebhookResponse>;
