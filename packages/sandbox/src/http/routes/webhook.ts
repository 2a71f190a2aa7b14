// Paths of webhooks: an extension of the paper venue. The guides know a dashboard instead.

import {
  NamedWebhookRequest,
  RegisterWebhookRequest,
  ReplayWebhookRequest,
  RotateWebhookSecretRequest,
  UpdateWebhookRequest,
  WebhookDeliveryState,
} from "@holdfast/purpleflea/wire";
import { z } from "zod";
import type { Context } from "../../command/context.ts";
import type { Endpoint } from "../../store/webhook-table.ts";
import { deliveryAnswer, webhookAnswer } from "../../webhook/answer.ts";
import { ownWebhook } from "../../webhook/endpoint.ts";
import { ProblemError } from "../problem.ts";
import { lastPart, limitOf, queried } from "../query.ts";
import {
  type Asked,
  type ReadOptions,
  type Route,
  type WriteOptions,
  read,
  write,
} from "../route.ts";

const register: WriteOptions<typeof RegisterWebhookRequest> = {
  schema: RegisterWebhookRequest,
  command: ({ url, topics, description }) => {
    return { operation: "register-webhook", url, topics, description };
  },
};

const update: WriteOptions<typeof UpdateWebhookRequest> = {
  schema: UpdateWebhookRequest,
  command: ({ webhook_id: webhook, url, topics, description, enabled }) => {
    return { operation: "update-webhook", webhook, url, topics, description, enabled };
  },
};

const remove: WriteOptions<typeof NamedWebhookRequest> = {
  schema: NamedWebhookRequest,
  command: ({ webhook_id: webhook }) => ({ operation: "remove-webhook", webhook }),
};

const rotate: WriteOptions<typeof RotateWebhookSecretRequest> = {
  schema: RotateWebhookSecretRequest,
  command: ({ webhook_id: webhook, overlap_seconds: seconds }) => {
    return { operation: "rotate-webhook-secret", webhook, overlapMs: seconds * 1_000 };
  },
};

const test: WriteOptions<typeof NamedWebhookRequest> = {
  schema: NamedWebhookRequest,
  command: ({ webhook_id: webhook }) => ({ operation: "test-webhook", webhook }),
};

const replay: WriteOptions<typeof ReplayWebhookRequest> = {
  schema: ReplayWebhookRequest,
  command: ({ webhook_id: webhook, delivery_id: delivery, since, after = "" }) => {
    if ((delivery === undefined) === (since === undefined)) {
      throw new ProblemError("invalid_request", "Say either delivery_id or since.");
    }
    return delivery === undefined
      ? {
          operation: "replay-webhook",
          webhook,
          what: { kind: "since", since: since ?? 0, after },
        }
      : { operation: "replay-webhook", webhook, what: { kind: "one", delivery } };
  },
};

const list: ReadOptions = {
  answer: ({ venue, agent }) => ({
    webhooks: venue.look(agent, ({ store, at }) =>
      store.webhooks.ofAgent(agent).map((endpoint) => webhookAnswer(endpoint, at)),
    ),
  }),
};

const get: ReadOptions = {
  answer: (asked) =>
    lookAt(asked, lastPart(asked.path), (endpoint, { at }) => ({ ...webhookAnswer(endpoint, at) })),
};

const DeliveriesQuery = z.object({ state: WebhookDeliveryState.optional() });

const deliveries: ReadOptions = {
  answer: (asked) => {
    const limit = limitOf(asked.url);
    const { state } = queried(DeliveriesQuery, asked.url);
    const id = lastPart(asked.path.slice(0, asked.path.lastIndexOf("/")));
    return lookAt(asked, id, (endpoint, { store }) => ({
      deliveries: store.deliveries.list(endpoint.id, limit, state).map(deliveryAnswer),
    }));
  },
};

export const webhookRoutes: readonly Route[] = [
  write("main", "/api/webhooks", "register-webhook", register),
  write("main", "/api/webhooks/update", "update-webhook", update),
  write("main", "/api/webhooks/delete", "remove-webhook", remove),
  write("main", "/api/webhooks/rotate-secret", "rotate-webhook-secret", rotate),
  write("main", "/api/webhooks/test", "test-webhook", test),
  write("main", "/api/webhooks/replay", "replay-webhook", replay),
  read("main", "/api/webhooks", "webhooks", list),
  read("main", "/api/webhooks/:id", "webhook", get),
  read("main", "/api/webhooks/:id/deliveries", "webhook-deliveries", deliveries),
];

/** Looks at the agent's own endpoint. @throws ProblemError 404 */
function lookAt<Value>(
  { venue, agent }: Asked,
  id: string,
  look: (endpoint: Endpoint, context: Context) => Value,
): Value {
  const found = venue.look(agent, (context) => {
    const endpoint = ownWebhook(id, context);
    return endpoint === undefined ? undefined : { value: look(endpoint, context) };
  });
  if (found !== undefined) return found.value;
  throw new ProblemError("unknown_webhook", "The agent has no webhook of this id.");
}
