// Queues each event for the endpoints that ask for it, in the event's own transaction: where the event is, its
// deliveries are, too.

import type { Follower } from "../command/teller.ts";
import type { Store } from "../store/store.ts";
import { TEST_EVENT, wants } from "./topic.ts";

export function createFanOut({ webhooks, deliveries }: Store): Follower {
  return ({ agent, type, payload, eventId, at }) => {
    const tested = type === TEST_EVENT ? testedWebhook(payload) : undefined;
    for (const { id, enabled, topics } of webhooks.ofAgent(agent)) {
      if (enabled && (id === tested || wants(topics, type))) deliveries.queue(id, eventId, at);
    }
    return [];
  };
}

function testedWebhook(payload: string): unknown {
  return (JSON.parse(payload) as Readonly<Record<string, unknown>>)["webhook_id"];
}
