// The workflow context of the embedded engine: what `ctx` offers, put together. It decides nothing and touches
// nothing outside its machine.

import type {
  Activity,
  CallOptions,
  ChildOptions,
  Duration,
  Log,
  LogFields,
  Memo,
  RunInfo,
  Tags,
  UpdateHandler,
  Workflow,
  WorkflowContext,
} from "@holdfast/core";
import { CancelScope } from "./cancel-scope.ts";
import { Children } from "./children.ts";
import { runLoop } from "./loop.ts";
import type { Machine } from "./machine.ts";
import { runSaga } from "./saga.ts";
import { beginScope } from "./scope.ts";
import { Waits } from "./waits.ts";

/** Makes the context of a machine; what is awaited through it stands in the scope. */
export function createContext(machine: Machine, scope: CancelScope): WorkflowContext {
  return new Context(machine, scope);
}

/**
 * Its members are functions of its own, so that they may be taken out of it. They are fields, which give all
 * contexts one shape: an object put together from parts took seven times as long to make.
 */
class Context implements WorkflowContext {
  readonly #machine: Machine;
  readonly #scope: CancelScope;
  readonly #waits: Waits;
  readonly #children: Children;
  readonly log: Log;

  constructor(machine: Machine, scope: CancelScope) {
    this.#machine = machine;
    this.#scope = scope;
    this.#waits = new Waits(machine, scope);
    this.#children = new Children(machine, scope);
    this.log = workflowLog(machine);
  }

  get info(): RunInfo {
    return runInfo(this.#machine);
  }

  // The public types tie input and output to the definitions; inside they are any values.
  readonly call = ((activity: Activity, input: unknown, options?: CallOptions) =>
    this.#waits.call(activity, input, options)) as WorkflowContext["call"];

  readonly try = ((activity: Activity, input: unknown, options?: CallOptions) =>
    this.#waits.try(activity, input, options)) as WorkflowContext["try"];

  readonly child = ((workflow: Workflow, input: unknown, options?: ChildOptions) =>
    this.#children.run(workflow, input, options)) as WorkflowContext["child"];

  readonly startChild = ((workflow: Workflow, input: unknown, options?: ChildOptions) =>
    this.#children.start(workflow, input, options)) as WorkflowContext["startChild"];

  readonly run = ((workflow: Workflow, id: string) =>
    this.#children.other(workflow, id)) as WorkflowContext["run"];

  readonly sleep = (duration: Duration): Promise<void> => this.#waits.sleep(duration);

  readonly sleepUntil = (instant: number | Date): Promise<void> => this.#waits.sleepUntil(instant);

  readonly until = (predicate: () => boolean, timeout?: Duration): Promise<boolean> =>
    this.#waits.until(predicate, timeout);

  readonly onSignal = (name: string, handler: (payload: unknown) => unknown): void => {
    this.#machine.enter("onSignal");
    this.#machine.onSignal(name, handler);
  };

  readonly onQuery = (name: string, handler: () => unknown): void => {
    this.#machine.enter("onQuery");
    this.#machine.onQuery(name, handler);
  };

  readonly onUpdate = (name: string, handler: UpdateHandler<unknown, unknown>): void => {
    this.#machine.enter("onUpdate");
    this.#machine.onUpdate(name, handler);
  };

  readonly now = (): number => this.#machine.now;

  readonly random = (): number => {
    this.#machine.enter("random");
    return this.#machine.chance.random();
  };

  readonly uuid = (): string => {
    this.#machine.enter("uuid");
    return this.#machine.chance.uuid();
  };

  readonly tag = (tags: Tags): void => {
    this.#machine.enter("tag");
    this.#machine.tag(tags);
  };

  readonly memo = (memo: Memo): void => {
    this.#machine.enter("memo");
    this.#machine.memo(memo);
  };

  readonly patched = (id: string): boolean => {
    this.#machine.enter("patched");
    return this.#machine.patched(id);
  };

  readonly shield: WorkflowContext["shield"] = (body) => {
    this.#machine.enter("shield");
    return body(this.#within(new CancelScope(this.#scope, true)));
  };

  readonly scope: WorkflowContext["scope"] = (body, options = {}) =>
    beginScope(
      { machine: this.#machine, scope: this.#scope, within: this.#within.bind(this) },
      body,
      options.timeout,
    );

  readonly saga: WorkflowContext["saga"] = (body) => {
    this.#machine.enter("saga");
    const shielded = this.#within(new CancelScope(this.#scope, true));
    return runSaga(this.#machine, this.#within(this.#scope), shielded, body);
  };

  readonly continueAs = (input: unknown): Promise<never> => {
    this.#machine.enter("continueAs");
    return this.#machine.continueAs(input, undefined);
  };

  readonly loop: WorkflowContext["loop"] = (initial, body) => runLoop(this.#machine, initial, body);

  #within(scope: CancelScope): WorkflowContext {
    return new Context(this.#machine, scope);
  }
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
