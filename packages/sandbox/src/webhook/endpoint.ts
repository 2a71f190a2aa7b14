// Endpoints: registered, changed, removed, given a new secret. A secret is in the answer to a registration or a
// rotation and nowhere else.

import type { RemovedWebhookResponse, WebhookWithSecret } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import { type Done, type Outcome, type Refused, refused } from "../command/outcome.ts";
import type { Endpoint } from "../store/webhook-table.ts";
import { webhookAnswer } from "./answer.ts";
import type { WebhookCommand } from "./command.ts";
import { done } from "./done.ts";
import { makeSecret } from "./secret.ts";
import { refusalOf } from "./target.ts";
import { isStreamOnly, isTopic } from "./topic.ts";

/** Endpoints of one agent. */
export const WEBHOOKS_MAX = 16;

type Of<Name extends WebhookCommand["operation"]> = Extract<WebhookCommand, { operation: Name }>;

export function registerWebhook(command: Of<"register-webhook">, context: Context): Outcome {
  const { url, topics, description } = command;
  const { store, identities, agent, at } = context;
  const wrong = refuse(command, context);
  if (wrong !== undefined) return wrong;
  if (store.webhooks.ofAgent(agent).length >= WEBHOOKS_MAX) {
    return refused("too_many_webhooks", `An agent has at most ${WEBHOOKS_MAX} webhooks.`);
  }
  const endpoint: Endpoint = {
    id: identities.id("whk", context.command),
    number: context.command,
    agent,
    url,
    topics,
    description,
    enabled: true,
    disabledReason: null,
    secret: makeSecret(identities.secret(context.command)),
    oldSecret: null,
    oldSecretUntil: null,
    createdAt: at,
    failingSince: null,
  };
  return { ...shown("webhook.registered", endpoint, context), status: 201 };
}

export function updateWebhook(command: Of<"update-webhook">, context: Context): Outcome {
  const { store, at } = context;
  const endpoint = ownWebhook(command.webhook, context);
  if (endpoint === undefined) return unknownWebhook();
  const wrong = refuse(command, context);
  if (wrong !== undefined) return wrong;
  const { enabled = endpoint.enabled } = command;
  const changed: Endpoint = {
    ...endpoint,
    url: command.url ?? endpoint.url,
    topics: command.topics ?? endpoint.topics,
    description: command.description ?? endpoint.description,
    enabled,
    disabledReason: enabled ? null : (endpoint.disabledReason ?? "asked"),
    // Who switches it on again has mended it.
    failingSince: enabled && !endpoint.enabled ? null : endpoint.failingSince,
  };
  store.webhooks.put(changed);
  if (enabled && !endpoint.enabled) store.deliveries.release(endpoint.id, at);
  if (!enabled && endpoint.enabled) store.deliveries.hold(endpoint.id);
  const payload = { webhook_id: endpoint.id, enabled };
  return done(context, webhookAnswer(changed, at), { type: "webhook.updated", payload });
}

export function removeWebhook({ webhook }: Of<"remove-webhook">, context: Context): Outcome {
  const endpoint = ownWebhook(webhook, context);
  if (endpoint === undefined) return unknownWebhook();
  context.store.deliveries.removeOf(endpoint.id);
  context.store.webhooks.remove(endpoint.id);
  const body: z.input<typeof RemovedWebhookResponse> = { webhook_id: endpoint.id, removed: true };
  const payload = { webhook_id: endpoint.id };
  return done(context, body, { type: "webhook.removed", payload });
}

export function rotateSecret(command: Of<"rotate-webhook-secret">, context: Context): Outcome {
  const endpoint = ownWebhook(command.webhook, context);
  if (endpoint === undefined) return unknownWebhook();
  const { identities, at } = context;
  const rotated: Endpoint = {
    ...endpoint,
    secret: makeSecret(identities.secret(context.command)),
    oldSecret: command.overlapMs === 0 ? null : endpoint.secret,
    oldSecretUntil: command.overlapMs === 0 ? null : at + command.overlapMs,
  };
  return shown("webhook.secret_rotated", rotated, context);
}

/** The agent's own endpoint of this id. */
export function ownWebhook(
  id: string,
  { store, agent }: Pick<Context, "store" | "agent">,
): Endpoint | undefined {
  const endpoint = store.webhooks.get(id);
  return endpoint?.agent === agent ? endpoint : undefined;
}

export function unknownWebhook(): Refused {
  return refused("unknown_webhook", "The agent has no webhook of this id.");
}

/** Keeps an endpoint and shows it with its secret. */
function shown(type: string, endpoint: Endpoint, context: Context): Done {
  context.store.webhooks.put(endpoint);
  const body: z.input<typeof WebhookWithSecret> = {
    ...webhookAnswer(endpoint, context.at),
    secret: endpoint.secret,
  };
  const payload = { webhook_id: endpoint.id };
  return { ...done(context, body, { type, payload }), secret: true };
}

function refuse(
  wish: { readonly url: string | undefined; readonly topics: readonly string[] | undefined },
  { terms: { webhookTargets } }: Pick<Context, "terms">,
): Refused | undefined {
  const reason = wish.url === undefined ? undefined : refusalOf(wish.url, webhookTargets);
  if (reason !== undefined) return refused("webhook_url_refused", `The URL is refused. ${reason}`);
  const { topics = [] } = wish;
  if (!topics.every(isTopic)) {
    const detail = 'A topic is a type such as "wallet.low_balance", "wallet.*", or "*".';
    return refused("webhook_topic_refused", detail);
  }
  if (!topics.some(isStreamOnly)) return undefined;
  const detail =
    "Events of market.* and webhook.* are on the stream only, and never sent by webhook.";
  return refused("webhook_topic_refused", detail);
}
