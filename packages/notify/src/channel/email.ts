// Mail through a server that takes it (SMTP). The library is loaded with the first mail.

import { hash } from "node:crypto";
import { headingOf } from "../notice.ts";
import { type Channel, type ChannelOptions, type SecretName, channel } from "./channel.ts";
import { refused, unreachable } from "./post.ts";

export interface EmailOptions extends ChannelOptions {
  readonly host: string;
  /** Default 465, encrypted from the first byte. Any other port must turn to encryption, unless it is on loopback. */
  readonly port?: number;
  readonly user?: string;
  readonly password?: SecretName;
  /** The sender's address. */
  readonly sender: string;
  /** The receivers' addresses. */
  readonly to: readonly string[];
}

const SECURE_PORT = 465;
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "::1"]);

/**
 * Sends a mail. Its Message-ID is made of the message's key, so that mailboxes that look at it show a repetition once.
 *
 * @example
 * email({ host: "smtp.example", user: "bot", password: secret("SMTP_PASSWORD"), sender: "bot@example", to: ["me@example"] })
 */
export function email(options: EmailOptions): Channel {
  const { host, port = SECURE_PORT, user, password, sender, to, name = "email", ...rest } = options;
  return channel({
    ...rest,
    name,
    send: async (message, sending) => {
      const { key, source, signal } = sending;
      const { createTransport } = await import("nodemailer");
      const transport = createTransport({
        host,
        port,
        secure: port === SECURE_PORT,
        requireTLS: port !== SECURE_PORT && !LOOPBACK.has(host),
        ...(user === undefined || password === undefined
          ? {}
          : { auth: { user, pass: sending.secret(password) } }),
      });
      const giveUp = (): void => {
        transport.close();
      };
      signal.addEventListener("abort", giveUp, { once: true });
      try {
        await transport.sendMail({
          from: sender,
          to: [...to],
          subject: headingOf(message),
          text: `${message.text}\n\n${source}\n`,
          messageId: `<${hash("sha256", key).slice(0, 32)}@holdfast.invalid>`,
        });
      } catch (error) {
        signal.throwIfAborted();
        throw failureOf(name, error);
      } finally {
        signal.removeEventListener("abort", giveUp);
        transport.close();
      }
    },
  });
}

/** A code from 500 is the server's last word; everything else may pass. Its text may repeat what it was told. */
function failureOf(channel: string, error: unknown): Error {
  const { responseCode, code } = error as {
    readonly responseCode?: number;
    readonly code?: string;
  };
  if (responseCode !== undefined && responseCode >= 500) {
    return refused(channel, `the mail server answered ${responseCode}`);
  }
  return unreachable(
    channel,
    responseCode === undefined
      ? (code ?? "the connection failed")
      : `the mail server answered ${responseCode}`,
  );
}
