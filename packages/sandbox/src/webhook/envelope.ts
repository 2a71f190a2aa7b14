// What is sent of an event: the same bytes at each attempt.

import type { DueDelivery } from "../store/delivery-table.ts";

export function envelope({ eventId, type, agent, payload, at }: DueDelivery): string {
  const head = JSON.stringify({ eventId, type, agentId: agent });
  return `${head.slice(0, -1)},"payload":${payload},"ts":${at}}`;
}
