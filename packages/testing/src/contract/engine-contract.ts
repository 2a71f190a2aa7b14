// The executable specification of the Engine port: named behaviours, each run in several ways against every
// engine: hot, evicted after every activation, crashed and reopened after every activation.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { activityBehaviours } from "./activity-behaviours.ts";
import { attemptBehaviours } from "./attempt-behaviours.ts";
import { callBehaviours } from "./call-behaviours.ts";
import { childBehaviours } from "./child-behaviours.ts";
import { cornerBehaviours } from "./corner-behaviours.ts";
import { crashBehaviours } from "./crash-behaviours.ts";
import { deadBehaviours } from "./dead-behaviours.ts";
import { type Behaviour, type ContractTarget, World } from "./harness.ts";
import { guardBehaviours } from "./guard-behaviours.ts";
import { keylessBehaviours } from "./keyless-behaviours.ts";
import { localBehaviours } from "./local-behaviours.ts";
import { messageBehaviours } from "./message-behaviours.ts";
import { policyBehaviours } from "./policy-behaviours.ts";
import { runBehaviours } from "./run-behaviours.ts";
import { scopeBehaviours } from "./scope-behaviours.ts";
import { threadBehaviours } from "./thread-behaviours.ts";
import { versionBehaviours } from "./version-behaviours.ts";
import { workflowBehaviours } from "./workflow-behaviours.ts";

/** The behaviours by what they are about, in the order in which they run. */
const AREAS: Readonly<Record<string, readonly Behaviour[]>> = {
  workflows: workflowBehaviours,
  calls: callBehaviours,
  attempts: attemptBehaviours,
  "child runs": childBehaviours,
  messages: messageBehaviours,
  "scopes and sagas": scopeBehaviours,
  "changed code": versionBehaviours,
  "dead letters": deadBehaviours,
  "local calls, failures, limits": localBehaviours,
  corners: cornerBehaviours,
  "runs and lists": runBehaviours,
  "long activities": activityBehaviours,
  threads: threadBehaviours,
  "crash loops": crashBehaviours,
  "venues without keys": keylessBehaviours,
  guard: guardBehaviours,
  policies: policyBehaviours,
};

const behaviours: readonly Behaviour[] = Object.values(AREAS).flat();

/** The names of the contract's behaviours, by area. */
export function contractNames(): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(AREAS).map(([area, all]) => [area, all.map(({ name }) => name)]),
  );
}

export interface EngineContractOptions {
  /** Name of the engine and the way it is run, for the report. */
  readonly name: string;
  readonly target: () => ContractTarget;
  /** Behaviours that have no meaning in this way, each with the reason, which the report shows. */
  readonly without?: Readonly<Record<string, string>>;
  /** Longest time a behaviour may take, in milliseconds. Default: none. */
  readonly timeoutMs?: number;
}

/** Registers the contract's behaviours as tests. */
export function engineContract(options: EngineContractOptions): void {
  const { without = {}, timeoutMs = Number.POSITIVE_INFINITY } = options;
  const leftOut = Object.entries(without);
  void describe(`engine contract: ${options.name}`, () => {
    if (leftOut.length > 0) {
      void test("what this way leaves out is part of the contract, and has a reason", (context) => {
        for (const [name, reason] of leftOut) {
          context.diagnostic(`left out: ${name} (${reason})`);
          assert.ok(
            behaviours.some((behaviour) => behaviour.name === name),
            name,
          );
        }
      });
    }
    for (const [area, all] of Object.entries(AREAS)) {
      void describe(area, () => {
        for (const behaviour of all) {
          if (!(behaviour.name in without)) register(behaviour, options.target, timeoutMs);
        }
      });
    }
  });
}

function register(
  { name, definitions, run, historySuggest, resources, policies, guard }: Behaviour,
  target: () => ContractTarget,
  timeout: number,
): void {
  void test(name, { timeout }, async () => {
    await using world = await new World(target(), {
      definitions: definitions(),
      ...(historySuggest === undefined ? {} : { historySuggest }),
      ...(guard === undefined ? {} : { guard: guard() }),
      ...(resources === undefined ? {} : { resources }),
      ...(policies === undefined ? {} : { policies }),
    }).open();
    await run(world);
  });
}
