// An event as it is sent, on streams and by webhooks: the same bytes each time.

/** What is sent of an event; its payload is JSON already, since many may be told the same. */
export interface Sent {
  readonly eventId: string;
  readonly type: string;
  readonly payload: string;
  readonly at: number;
}

export function envelope({ eventId, type, payload, at }: Sent, agent: string): string {
  const head = JSON.stringify({ eventId, type, agentId: agent });
  return `${head.slice(0, -1)},"payload":${payload},"ts":${at}}`;
}
