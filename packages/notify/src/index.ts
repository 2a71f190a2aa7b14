// Telling people: channels, and the run that tells a notice by them.

export {
  type Channel,
  type ChannelOptions,
  type SecretName,
  type Sending,
  channel,
} from "./channel/channel.ts";
export { type EmailOptions, email } from "./channel/email.ts";
export { type PagerDutyOptions, pagerDuty } from "./channel/pagerduty.ts";
export { type SlackOptions, slack } from "./channel/slack.ts";
export { type TelegramOptions, telegram } from "./channel/telegram.ts";
export { type WebhookOptions, webhook } from "./channel/webhook.ts";
export { LEVELS, type Level, type Message, type Notice, TEXT_MAX, TITLE_MAX } from "./notice.ts";
export { type Told, notification, routeNotice, sendNotice } from "./notification.ts";
export { type Notifier, type NotifierOptions, createNotifier, notifier } from "./notifier.ts";
export type { QuietHours } from "./quiet.ts";
