// How a stream's connection goes wrong: closed, silent, slow, or with a replay that begins later than it should.
// The stream asks at three moments of a connection and does what the plan says.

import type { ConnectionFacts, StreamMoment } from "./facts.ts";
import type { Faults } from "./faults.ts";
import type { StreamRule } from "./rule.ts";

export interface StreamPlan {
  /** Close it now, before anything is sent. */
  readonly close: { readonly code: number; readonly reason: string } | undefined;
  /** From now on send nothing on it, and do not answer pings. */
  readonly silent: boolean;
  /** Milliseconds that this message takes to leave, while later ones pile up behind it. */
  readonly slowMs: number;
  /** Only so many of the newest events are there for replay; undefined: as many as there are. */
  readonly keep: number | undefined;
}

/** A silence begins with a message that is not sent: heartbeats are messages, too. */
const STRIKES_AT: Readonly<Record<StreamMoment, readonly StreamRule["kind"][]>> = {
  open: ["stream-close", "stream-silence"],
  send: ["stream-close", "stream-silence", "stream-slow"],
  resume: ["stream-overflow"],
};

/** What becomes of a connection at a moment. Counts it: ask once for each moment. */
export function planStream(faults: Faults, facts: ConnectionFacts): StreamPlan {
  const struck = faults.hitStream({ ...facts, kinds: STRIKES_AT[facts.moment] });
  let plan: StreamPlan = { close: undefined, silent: false, slowMs: 0, keep: undefined };
  for (const rule of struck) {
    switch (rule.kind) {
      case "stream-close":
        plan = { ...plan, close: plan.close ?? { code: rule.code, reason: rule.reason } };
        break;
      case "stream-silence":
        plan = { ...plan, silent: true };
        break;
      case "stream-slow":
        plan = { ...plan, slowMs: plan.slowMs + rule.ms };
        break;
      case "stream-overflow":
        plan = { ...plan, keep: Math.min(plan.keep ?? Infinity, rule.keep) };
        break;
    }
  }
  return plan;
}
