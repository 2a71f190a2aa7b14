// Holds back money calls while a mode forbids them: a call that was let through before is not sent any more, and its
// next attempt begins when the mode is over.

import type { Gate, MakeGate } from "../call/gate.ts";
import type { Gateway } from "./gateway.ts";

/** Those who wait for a mode to end. */
const QUEUE = "guard";

export interface Holding {
  readonly make: MakeGate;
  /** Modes have changed: whoever waits asks again. */
  ring(): void;
}

/** @param workflowOf the workflow of a run's row */
export function holdGate(gateway: () => Gateway, workflowOf: (row: number) => string): Holding {
  let ring = (): void => undefined;
  return {
    make(bell): Gate {
      ring = () => {
        bell(QUEUE);
      };
      return {
        ask(call, purpose, now) {
          if (purpose === "ask" || call.activity.effect !== "money") return undefined;
          const failure = gateway().held(call, workflowOf(call.run), now);
          return failure === undefined ? undefined : { queue: QUEUE, until: undefined, failure };
        },
        ended: () => undefined,
      };
    },
    ring: () => {
      ring();
    },
  };
}
