// Which events an endpoint is sent: exact types, all of a domain ("wallet.*"), or all ("*").

/** Types of this domain tell of webhooks themselves: they are for the stream, and never sent by webhook. */
const OWN_DOMAIN = "webhook.";

/** What "send a test" sends, to one endpoint whatever its topics are. */
export const TEST_EVENT = "webhook.test";

const TOPIC = /^(?:\*|[a-z][a-z_-]*\.(?:\*|[a-z][a-z_-]*))$/u;

export function isTopic(topic: string): boolean {
  return TOPIC.test(topic);
}

/** Ticks and candles are told on the stream only: who asks a webhook for them would wait in vain. */
export function isStreamOnly(topic: string): boolean {
  return topic.startsWith("market.") || topic.startsWith(OWN_DOMAIN);
}

export function wants(topics: readonly string[], type: string): boolean {
  if (type.startsWith(OWN_DOMAIN)) return false;
  const domain = `${type.slice(0, type.indexOf("."))}.*`;
  return topics.some((topic) => topic === "*" || topic === type || topic === domain);
}
