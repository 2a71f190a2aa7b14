// Webhooks: where the venue sends an agent's events. A secret comes with the answer to a registration or a
// rotation, and never again: keep it at once.

import type { z } from "zod";
import {
  RemovedWebhookResponse,
  ReplayedWebhookResponse,
  TestedWebhookResponse,
  Webhook,
  WebhookDeliveriesResponse,
  type WebhookDelivery,
  type WebhookDeliveryState,
  WebhookWithSecret,
  WebhooksResponse,
} from "../../wire/index.ts";
import { type Calls, query } from "../calls.ts";
import type { ReadMark, WriteMark } from "../http.ts";

export interface NewWebhook {
  /** http or https. The paper venue sends to its own machine only, unless its owner widens that. */
  readonly url: string;
  /** Types of events, "wallet.*" for all of a domain, or "*". Default: all. */
  readonly topics?: readonly string[] | undefined;
  readonly description?: string | undefined;
}

/** One delivery, or every event since an instant, in milliseconds since the epoch, and after an event. */
export type WebhookReplay =
  | { readonly deliveryId: string }
  | { readonly since: number; readonly after?: string | undefined };

export interface WebhooksGroup {
  register(webhook: NewWebhook, mark: WriteMark): Promise<z.output<typeof WebhookWithSecret>>;
  list(mark?: ReadMark): Promise<readonly z.output<typeof Webhook>[]>;
  get(webhookId: string, mark?: ReadMark): Promise<z.output<typeof Webhook>>;
  /** What is left out stays. */
  update(
    webhookId: string,
    change: Partial<NewWebhook> & { readonly enabled?: boolean | undefined },
    mark: WriteMark,
  ): Promise<z.output<typeof Webhook>>;
  remove(webhookId: string, mark: WriteMark): Promise<z.output<typeof RemovedWebhookResponse>>;
  /** Both secrets sign for `overlapSeconds`. Default: a day; 0 to 7 days. */
  rotateSecret(
    webhookId: string,
    options: { readonly overlapSeconds?: number | undefined },
    mark: WriteMark,
  ): Promise<z.output<typeof WebhookWithSecret>>;
  /** Sends an event of type "webhook.test" to this endpoint alone. */
  test(webhookId: string, mark: WriteMark): Promise<z.output<typeof TestedWebhookResponse>>;
  /** Newest first. */
  deliveries(
    webhookId: string,
    options?: {
      readonly state?: WebhookDeliveryState | undefined;
      readonly limit?: number | undefined;
    },
    mark?: ReadMark,
  ): Promise<readonly z.output<typeof WebhookDelivery>[]>;
  replay(
    webhookId: string,
    what: WebhookReplay,
    mark: WriteMark,
  ): Promise<z.output<typeof ReplayedWebhookResponse>>;
}

export function webhooksGroup(calls: Calls): WebhooksGroup {
  return { ...reads(calls), ...writes(calls) };
}

type ReadName = "list" | "get" | "deliveries";

function reads({ read, profile: { paths } }: Calls): Pick<WebhooksGroup, ReadName> {
  const pathOf = (webhookId: string): string =>
    `${paths.webhooks}/${encodeURIComponent(webhookId)}`;
  return {
    async list(mark) {
      const call = { operation: "webhooks", path: paths.webhooks, answer: WebhooksResponse };
      return (await read(call, mark)).webhooks;
    },
    get: (webhookId, mark) =>
      read({ operation: "webhook", path: pathOf(webhookId), answer: Webhook }, mark),
    async deliveries(webhookId, options = {}, mark) {
      const path = `${pathOf(webhookId)}/deliveries${query(options)}`;
      const call = { operation: "webhook-deliveries", path, answer: WebhookDeliveriesResponse };
      return (await read(call, mark)).deliveries;
    },
  };
}

function writes({ write, profile: { paths } }: Calls): Omit<WebhooksGroup, ReadName> {
  const base = paths.webhooks;
  return {
    register(webhook, mark) {
      const call = { operation: "register-webhook", what: "register a webhook", path: base };
      return write({ ...call, body: { ...webhook }, answer: WebhookWithSecret }, mark);
    },
    update(webhookId, change, mark) {
      const call = { operation: "update-webhook", what: "change a webhook" };
      const body = { webhook_id: webhookId, ...change };
      return write({ ...call, path: `${base}/update`, body, answer: Webhook }, mark);
    },
    remove(webhookId, mark) {
      const call = { operation: "remove-webhook", what: "remove a webhook" };
      const answer = RemovedWebhookResponse;
      return write({ ...call, path: `${base}/delete`, body: named(webhookId), answer }, mark);
    },
    rotateSecret(webhookId, { overlapSeconds }, mark) {
      const call = { operation: "rotate-webhook-secret", what: "rotate a webhook's secret" };
      const body = { ...named(webhookId), overlap_seconds: overlapSeconds };
      const answer = WebhookWithSecret;
      return write({ ...call, path: `${base}/rotate-secret`, body, answer }, mark);
    },
    test(webhookId, mark) {
      const call = { operation: "test-webhook", what: "test a webhook", path: `${base}/test` };
      return write({ ...call, body: named(webhookId), answer: TestedWebhookResponse }, mark);
    },
    replay(webhookId, what, mark) {
      const call = {
        operation: "replay-webhook",
        what: "replay a webhook",
        path: `${base}/replay`,
      };
      const wish = "deliveryId" in what ? { delivery_id: what.deliveryId } : what;
      const body = { ...named(webhookId), ...wish };
      return write({ ...call, body, answer: ReplayedWebhookResponse }, mark);
    },
  };
}

function named(webhookId: string): { readonly webhook_id: string } {
  return { webhook_id: webhookId };
}
