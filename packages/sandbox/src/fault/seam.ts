// Joins the planners to those who deliver: a function for the stream and one for webhooks, each in the form that
// its sender asks for. Knows neither of them.

import { planDelivery } from "./delivery.ts";
import type { ConnectionFacts } from "./facts.ts";
import type { Faults } from "./faults.ts";
import { planStream } from "./stream.ts";

type Agent = ConnectionFacts["agent"];

/** What an event is called, whatever else it holds. */
export interface Named {
  readonly type: string;
  readonly eventId: string;
}

/** Connections of agents, as the stream can treat them. */
export interface Lines {
  close(agent: string, code: number, reason: string): unknown;
  silence(agent: string, isSilent: boolean): unknown;
}

/** One sending of an event, so many milliseconds of the venue's clock later. */
export interface Sending<Event> {
  readonly event: Event;
  readonly afterMs: number;
}

/**
 * What becomes of an event about to be sent on a stream. A connection that is closed or silent gets it no more: it is
 * there for the next one to ask for.
 */
export function streamFaults<Event extends Named>(
  faults: Faults,
  lines: Lines,
  now: () => number,
): (event: Event, agent: Agent) => readonly Sending<Event>[] {
  /** When the line of a slow agent is free again. */
  const freeAt = new Map<string, number>();
  return (event, agent) => {
    const at = now();
    const { close, silent, slowMs } = planStream(faults, { moment: "send", agent, at });
    if (close !== undefined) lines.close(agent.id, close.code, close.reason);
    if (silent) lines.silence(agent.id, true);
    if (close !== undefined || silent) return [];
    const { type, eventId } = event;
    const plan = planDelivery(faults, { channel: "stream", agent, type, eventId, at });
    return plan.map(({ delayMs }) => {
      if (slowMs === 0) return { event, afterMs: delayMs };
      const free = Math.max(at + delayMs, freeAt.get(agent.id) ?? 0) + slowMs;
      freeAt.set(agent.id, free);
      return { event, afterMs: free - at };
    });
  };
}

/** What may go wrong with the streams of agents themselves, when they connect and when they ask for replay. */
export function streamStrikes(
  faults: Faults,
  lines: Lines,
  now: () => number,
): { opened(agent: Agent): void; kept(agent: Agent): number | undefined } {
  return {
    opened(agent) {
      const { close, silent } = planStream(faults, { moment: "open", agent, at: now() });
      if (close !== undefined) lines.close(agent.id, close.code, close.reason);
      if (silent) lines.silence(agent.id, true);
    },
    kept: (agent) => planStream(faults, { moment: "resume", agent, at: now() }).keep,
  };
}

/** An attempt of a webhook that is about to be made. */
export interface Attempt extends Named {
  /** The agent's id. */
  readonly agent: string;
  readonly attempt: number;
  readonly at: number;
}

/** The waits, in milliseconds of the venue's clock, after which an attempt is sent; none: it is lost. */
export function webhookFaults(
  faults: Faults,
  nameOf: (agent: string) => string,
): (attempt: Attempt) => readonly number[] {
  return ({ agent: id, type, eventId, attempt, at }) => {
    const agent = { id, name: nameOf(id) };
    const plan = planDelivery(faults, { channel: "webhook", agent, type, eventId, attempt, at });
    return plan.map(({ delayMs }) => delayMs);
  };
}
