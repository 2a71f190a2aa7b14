// The workflow context of the embedded engine: what `ctx` offers, put together. It decides nothing and touches
// nothing outside its machine.

import {
  type Log,
  type LogFields,
  type RunInfo,
  type WorkflowContext,
  uuidFrom,
} from "@holdfast/core";
import { runLoop } from "./loop.ts";
import type { Machine } from "./machine.ts";
import { Waits } from "./waits.ts";

/** Makes the context of a machine; a shielded one waits on through a cancellation. */
export function createContext(machine: Machine, shielded: boolean): WorkflowContext {
  const waits = new Waits(machine, shielded);
  return {
    get info() {
      return runInfo(machine);
    },
    log: workflowLog(machine),
    // The public types tie input and output to the activity; inside they are any values.
    call: waits.call.bind(waits) as WorkflowContext["call"],
    try: waits.try.bind(waits) as WorkflowContext["try"],
    sleep: waits.sleep.bind(waits),
    sleepUntil: waits.sleepUntil.bind(waits),
    until: waits.until.bind(waits),
    onSignal(name: string, handler: (payload: unknown) => unknown) {
      machine.enter("onSignal");
      machine.onSignal(name, handler);
    },
    onQuery(name: string, handler: () => unknown) {
      machine.enter("onQuery");
      machine.onQuery(name, handler);
    },
    now: () => machine.now,
    random() {
      machine.enter("random");
      return machine.random.next();
    },
    uuid() {
      machine.enter("uuid");
      return uuidFrom(machine.random);
    },
    shield(body) {
      machine.enter("shield");
      return body(createContext(machine, true));
    },
    continueAs(input) {
      machine.enter("continueAs");
      return machine.continueAs(input, undefined);
    },
    loop: (initial, body) => runLoop(machine, initial, body),
  };
}

function runInfo(machine: Machine): RunInfo {
  const { id, runId, workflow, account, root, generation } = machine.identity;
  const { historyLength } = machine;
  const continueSuggested = historyLength >= machine.historySuggest;
  return { id, runId, workflow, account, root, generation, historyLength, continueSuggested };
}

function workflowLog(machine: Machine): Log {
  const at =
    (level: keyof Log) =>
    (message: string, fields?: LogFields): void => {
      machine.log({ level, message, fields });
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
