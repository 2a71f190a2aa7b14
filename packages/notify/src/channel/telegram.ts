// A bot of Telegram writes into a chat. https://core.telegram.org/bots/api#sendmessage

import { headingOf } from "../notice.ts";
import { type Channel, type ChannelOptions, type SecretName, channel } from "./channel.ts";
import { post, refused } from "./post.ts";

export interface TelegramOptions extends ChannelOptions {
  /** The bot's token. */
  readonly token: SecretName;
  /** The chat's number, or its public name with "@". */
  readonly chat: string;
  /** Default "https://api.telegram.org". */
  readonly url?: string;
}

const SERVER = "https://api.telegram.org";

/**
 * Writes into a chat; what is only `info` makes no sound. Telegram cannot tell repetitions.
 *
 * @example
 * telegram({ token: secret("TELEGRAM_TOKEN"), chat: "-1001234567890" })
 */
export function telegram(options: TelegramOptions): Channel {
  const { token, chat, url = SERVER, name = "telegram", ...rest } = options;
  return channel({
    ...rest,
    name,
    send: async (message, sending) => {
      const secret = sending.secret(token);
      // It becomes a part of the path.
      if (!/^[\w:-]+$/u.test(secret)) throw refused(name, "its token has odd characters");
      const text = `${headingOf(message)}\n${message.text}\n${sending.source}`;
      const isSilent = message.level === "info" || message.state === "over";
      const body = JSON.stringify({ chat_id: chat, text, disable_notification: isSilent });
      await post({ channel: name, url: `${url}/bot${secret}/sendMessage`, body }, sending);
    },
  });
}
