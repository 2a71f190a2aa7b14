// Takes webhooks with nothing but node:http: raw bytes first, then the signature, then the event, each event once.

import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { HoldfastError } from "holdfast";
import { type WebhookEvent, verifyWebhook } from "holdfast/purpleflea";

const BODY_BYTES_MAX = 262_144;

export interface ReceiverOptions {
  /** The present secret, and the one before it while it is rotated. */
  readonly secrets: readonly string[];
  /** Keeps an event; false where it is there already. What returns is kept for good: work on it afterwards. */
  readonly keep: (event: WebhookEvent) => Promise<boolean>;
  /** Default: the machine's clock. A paper venue whose clock is frozen needs the venue's. */
  readonly now?: () => number;
}

export function createReceiver(options: ReceiverOptions): Server {
  return createServer((request, response) => {
    void receive(request, response, options);
  });
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  { secrets, keep, now }: ReceiverOptions,
): Promise<void> {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  try {
    const body = await rawBody(request);
    if (body === undefined) return answer(413, { error: "too large" });
    const { headers } = request;
    const time = now === undefined ? {} : { now: now() };
    const event = await verifyWebhook({ body, headers, secrets, ...time });
    const isNew = await keep(event);
    answer(200, { status: isNew ? "ok" : "duplicate" });
  } catch (error) {
    // Not genuine: no reason is given. Not kept: the venue sends it again.
    answer(error instanceof HoldfastError && error.outcome === "refused" ? 403 : 503, {});
  }
}

/** The bytes as they came; undefined where there are too many. */
async function rawBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
