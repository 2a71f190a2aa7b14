// The workflow context of the embedded engine: what `ctx` offers, put together. It decides nothing and touches
// nothing outside its machine.

import type { Log, LogFields, RunInfo, WorkflowContext } from "@holdfast/core";
import { CancelScope } from "./cancel-scope.ts";
import { Children } from "./children.ts";
import { runLoop } from "./loop.ts";
import type { Machine } from "./machine.ts";
import { runSaga } from "./saga.ts";
import { beginScope } from "./scope.ts";
import { Waits } from "./waits.ts";

/** Makes the context of a machine; what is awaited through it stands in the scope. */
export function createContext(machine: Machine, scope: CancelScope): WorkflowContext {
  const waits = new Waits(machine, scope);
  const children = new Children(machine, scope);
  const within = (inner: CancelScope): WorkflowContext => createContext(machine, inner);
  return {
    get info() {
      return runInfo(machine);
    },
    log: workflowLog(machine),
    // The public types tie input and output to the definitions; inside they are any values.
    call: waits.call.bind(waits) as WorkflowContext["call"],
    try: waits.try.bind(waits) as WorkflowContext["try"],
    child: children.run.bind(children) as WorkflowContext["child"],
    startChild: children.start.bind(children) as WorkflowContext["startChild"],
    run: children.other.bind(children) as WorkflowContext["run"],
    sleep: waits.sleep.bind(waits),
    sleepUntil: waits.sleepUntil.bind(waits),
    until: waits.until.bind(waits),
    ...handlerMembers(machine),
    ...pureMembers(machine),
    shield(body) {
      machine.enter("shield");
      return body(within(new CancelScope(scope, true)));
    },
    scope: (body, options = {}) => beginScope({ machine, scope, within }, body, options.timeout),
    saga(body) {
      machine.enter("saga");
      return runSaga(machine, within(scope), within(new CancelScope(scope, true)), body);
    },
    continueAs(input) {
      machine.enter("continueAs");
      return machine.continueAs(input, undefined);
    },
    loop: (initial, body) => runLoop(machine, initial, body),
  };
}

function handlerMembers(
  machine: Machine,
): Pick<WorkflowContext, "onSignal" | "onQuery" | "onUpdate"> {
  return {
    onSignal(name: string, handler: (payload: unknown) => unknown) {
      machine.enter("onSignal");
      machine.onSignal(name, handler);
    },
    onQuery(name: string, handler: () => unknown) {
      machine.enter("onQuery");
      machine.onQuery(name, handler);
    },
    onUpdate(name, handler) {
      machine.enter("onUpdate");
      machine.onUpdate(name, handler);
    },
  };
}

function pureMembers(
  machine: Machine,
): Pick<WorkflowContext, "now" | "random" | "uuid" | "tag" | "memo" | "patched"> {
  return {
    now: () => machine.now,
    random() {
      machine.enter("random");
      return machine.chance.random();
    },
    uuid() {
      machine.enter("uuid");
      return machine.chance.uuid();
    },
    tag(tags) {
      machine.enter("tag");
      machine.tag(tags);
    },
    memo(memo) {
      machine.enter("memo");
      machine.memo(memo);
    },
    patched(id) {
      machine.enter("patched");
      return machine.patched(id);
    },
  };
}

function runInfo(machine: Machine): RunInfo {
  const { id, runId, workflow, account, root, generation, parent } = machine.identity;
  const { historyLength, continueSuggested } = machine;
  const { tags, memo } = machine.notes;
  return {
    id,
    runId,
    workflow,
    account,
    root,
    generation,
    parent,
    tags,
    memo,
    historyLength,
    continueSuggested,
  };
}

function workflowLog(machine: Machine): Log {
  const at =
    (level: keyof Log) =>
    (message: string, fields?: LogFields): void => {
      machine.log({ level, message, fields });
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
