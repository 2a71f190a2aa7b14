// PagerDuty's Events API v2: an episode is an incident, raised and resolved under one deduplication key.
// https://developer.pagerduty.com/docs/events-api-v2-overview

import { type Channel, type ChannelOptions, type SecretName, channel } from "./channel.ts";
import { post } from "./post.ts";

export interface PagerDutyOptions extends ChannelOptions {
  /** The integration's key. */
  readonly routingKey: SecretName;
  /** Default "https://events.pagerduty.com/v2/enqueue"; in Europe "https://events.eu.pagerduty.com/v2/enqueue". */
  readonly url?: string;
}

const ENQUEUE = "https://events.pagerduty.com/v2/enqueue";

/**
 * Raises an incident, and resolves it when the episode is over. Told twice, it is one incident.
 *
 * @example
 * pagerDuty({ routingKey: secret("PAGERDUTY_KEY"), from: "critical" })
 */
export function pagerDuty(options: PagerDutyOptions): Channel {
  const { routingKey, url = ENQUEUE, name = "pagerduty", ...rest } = options;
  return channel({
    ...rest,
    name,
    send: ({ episode, level, state, title, text, at }, sending) => {
      const event = {
        routing_key: sending.secret(routingKey),
        event_action: state === "over" ? "resolve" : "trigger",
        dedup_key: `${sending.source}/${episode}`.slice(0, 255),
        payload: {
          summary: title,
          source: sending.source,
          severity: level,
          timestamp: new Date(at).toISOString(),
          custom_details: { text },
        },
      };
      return post({ channel: name, url, body: JSON.stringify(event) }, sending);
    },
  });
}
