// Sends what is due. While the clock runs: at once, a bounded number at a time. While it stands: when it is
// advanced, everything that is due at an instant, before time goes on. An attempt is noted after its answer, so a
// crash in between sends it again, with the same id: at least once, never less.

import type { VenueClock } from "../clock/clock.ts";
import { envelope } from "../command/envelope.ts";
import type { Executor } from "../command/executor.ts";
import type { Teller } from "../command/teller.ts";
import type { Store } from "../store/store.ts";
import { asItIs } from "./dispatch.ts";
import { type Attempt, note } from "./note.ts";
import { WEBHOOK_TIMEOUT_MS, type WebhookOptions } from "./options.ts";
import { type Outgoing, SENDING_MAX, type Sending, createOutgoing } from "./outgoing.ts";
import { type Posted, post } from "./post.ts";
import { secretsAt, signatures } from "./secret.ts";

export interface SenderParts {
  readonly store: Store;
  readonly clock: VenueClock;
  readonly teller: Teller;
  readonly executor: Executor;
  readonly options: WebhookOptions;
}

export interface Sender {
  /** Cuts off what is under way and notes nothing of it: it is sent again when the venue is next opened. */
  close(): void;
}

/** What came of a sending; undefined where nothing was sent. */
interface Sent {
  readonly sending: Sending;
  /** When it was sent. */
  readonly at: number;
  readonly posted: Posted | undefined;
}

export function createSender(parts: SenderParts): Sender {
  const { store, clock, teller, executor, options } = parts;
  const { dispatch = asItIs, retrySeed = "webhooks" } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const outgoing = createOutgoing(store.deliveries, dispatch);
  const send = createSend(parts, outgoing, signal);

  function noteAll(sent: readonly Sent[]): void {
    const counting = sent.filter(({ sending }) => sending.counts);
    const attempts = counting.flatMap(({ sending, at, posted }): readonly Attempt[] =>
      posted === undefined ? [] : [{ delivery: sending.delivery, at, posted }],
    );
    if (attempts.length > 0) {
      executor.act((own, journal) => {
        for (const attempt of attempts) note(attempt, retrySeed, own, journal);
      });
    }
    for (const { sending } of counting) outgoing.end(sending.delivery);
  }

  /** Begins what is due now, as far as connections are free; goes on whenever one of them ends. */
  function pump(): void {
    while (!signal.aborted && clock.mode !== "frozen" && outgoing.free() > 0) {
      const at = clock.now();
      const sending = outgoing.take(at);
      if (sending === undefined) return;
      void send(sending, at).then((sent) => {
        if (signal.aborted) return;
        noteAll([sent]);
        pump();
        clock.rearm();
      });
    }
  }

  /** Sends all that is due at an instant at which the clock stands. */
  async function drain(at: number): Promise<void> {
    while (!signal.aborted) {
      const batch: Promise<Sent>[] = [];
      while (batch.length < SENDING_MAX) {
        const sending = outgoing.take(at);
        if (sending === undefined) break;
        batch.push(send(sending, at));
      }
      if (batch.length === 0) return;
      const sent = await Promise.all(batch);
      if (!signal.aborted) noteAll(sent);
    }
  }

  const leaveClock = clock.attach({
    next(to) {
      const at = signal.aborted ? undefined : outgoing.nextAt();
      return at !== undefined && at <= to ? at : undefined;
    },
    run: (at) => (clock.mode === "frozen" ? drain(at) : pump()),
  });
  const leaveTeller = teller.onTold(() => {
    if (clock.mode === "frozen" || (outgoing.nextAt() ?? Infinity) > clock.now()) return;
    pump();
    clock.rearm();
  });
  return {
    close() {
      closing.abort();
      leaveTeller();
      leaveClock();
    },
  };
}

const HEADERS = {
  "content-type": "application/json",
  "user-agent": "holdfast-paper-venue",
} as const;

type Send = (sending: Sending, at: number) => Promise<Sent>;

/** How one is sent: signed with the secrets of the instant, unless its endpoint is gone or off by now. */
function createSend(
  { store, options }: SenderParts,
  outgoing: Outgoing,
  signal: AbortSignal,
): Send {
  const { targets = "loopback", timeoutMs = WEBHOOK_TIMEOUT_MS } = options;
  return async (sending, at) => {
    const { delivery, lost } = sending;
    if (lost) return { sending, at, posted: { kind: "through", status: 200 } };
    const endpoint = store.webhooks.get(delivery.webhook);
    if (endpoint?.enabled !== true) return { sending, at, posted: undefined };
    const { eventId: id, attempts: attempt } = delivery;
    const body = envelope(delivery, delivery.agent);
    const signed = signatures({ id, at, body, attempt }, secretsAt(endpoint, at));
    const leave = outgoing.connect(endpoint.id);
    const letter = { url: endpoint.url, body, headers: { ...HEADERS, ...signed } };
    const posted = await post(letter, { timeoutMs, targets, signal });
    leave();
    return { sending, at, posted };
  };
}
