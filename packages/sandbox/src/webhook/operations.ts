// The operations of webhooks.

import type { Operations } from "../command/operations.ts";
import type { WebhookCommand } from "./command.ts";
import { registerWebhook, removeWebhook, rotateSecret, updateWebhook } from "./endpoint.ts";
import { replayWebhook, testWebhook } from "./replay.ts";

export const webhookOperations: Operations<WebhookCommand> = {
  "register-webhook": registerWebhook,
  "update-webhook": updateWebhook,
  "remove-webhook": removeWebhook,
  "rotate-webhook-secret": rotateSecret,
  "test-webhook": testWebhook,
  "replay-webhook": replayWebhook,
};
