// Slack's incoming webhooks, and those of services that take the same body, such as Mattermost.
// https://api.slack.com/messaging/webhooks

import { type Message, headingOf } from "../notice.ts";
import { type Channel, type ChannelOptions, type SecretName, channel } from "./channel.ts";
import { post } from "./post.ts";

export interface SlackOptions extends ChannelOptions {
  /** The webhook's URL: whoever has it can post. */
  readonly url: SecretName;
}

/**
 * Posts into a channel of Slack. Slack cannot tell repetitions: after a crash a message may stand there twice.
 *
 * @example
 * slack({ url: secret("SLACK_URL"), from: "warning" })
 */
export function slack({ url, name = "slack", ...rest }: SlackOptions): Channel {
  return channel({
    ...rest,
    name,
    send: (message, sending) => {
      const body = JSON.stringify({ text: slackText(message, sending.source) });
      return post({ channel: name, url: sending.secret(url), body }, sending);
    },
  });
}

/** Nothing that others wrote becomes a link or a mention. */
function slackText(message: Message, source: string): string {
  const escaped = (text: string): string =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `*${escaped(headingOf(message))}*\n${escaped(message.text)}\n_${escaped(source)}_`;
}
