// `ctx.loop`: repeats a body for years by continuing as new before the history is full. The next generation
// runs the workflow from its top again and finds the state here: that is why nothing may come before it.

import { decode, encode, roundTrip } from "@holdfast/core";
import { type LoopEnd, isLoopEnd } from "@holdfast/core/internal";
import type { Machine } from "./machine.ts";

export async function runLoop<State, Value>(
  machine: Machine,
  initial: State,
  body: (state: State) => Promise<State | LoopEnd<Value>>,
): Promise<Value> {
  machine.enter("loop");
  if (machine.hasActed) {
    machine.bug(
      "HF-LOOP-LATE",
      "ctx.loop comes after other calls or waits, which each new generation would repeat: make it the first, and move them into its body",
    );
    return new Promise<never>(() => undefined);
  }
  machine.isLooping = true;
  const { loopState } = machine;
  let state = loopState === undefined ? roundTrip(initial) : (decode(loopState) as State);
  for (;;) {
    const result = await body(state);
    if (isLoopEnd(result)) return result.value;
    state = roundTrip(result);
    if (leaves(machine, state)) {
      return machine.continueAs(undefined, encode(state), true);
    }
    if (machine.continueSuggested) {
      return machine.continueAs(undefined, encode(state));
    }
  }
}

/** Whether the run goes on at another engine from here on; a journal that says so says it again. */
function leaves(machine: Machine, state: unknown): boolean {
  if (machine.replayedPatches === undefined) return machine.leaves?.(machine) ?? false;
  return machine.replayedLeave !== undefined && machine.replayedLeave === encode(state);
}
