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
import { keylessBehaviours } from "./keyless-behaviours.ts";
import { localBehaviours } from "./local-behaviours.ts";
import { messageBehaviours } from "./message-behaviours.ts";
import { runBehaviours } from "./run-behaviours.ts";
import { scopeBehaviours } from "./scope-behaviours.ts";
import { threadBehaviours } from "./thread-behaviours.ts";
import { versionBehaviours } from "./version-behaviours.ts";
import { workflowBehaviours } from "./workflow-behaviours.ts";

const behaviours: readonly Behaviour[] = [
  ...workflowBehaviours,
  ...callBehaviours,
  ...attemptBehaviours,
  ...childBehaviours,
  ...messageBehaviours,
  ...scopeBehaviours,
  ...versionBehaviours,
  ...deadBehaviours,
  ...localBehaviours,
  ...cornerBehaviours,
  ...runBehaviours,
  ...activityBehaviours,
  ...threadBehaviours,
  ...crashBehaviours,
  ...keylessBehaviours,
];

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
    for (const behaviour of behaviours) {
      if (behaviour.name in without) continue;
      void test(behaviour.name, { timeout: timeoutMs }, async () => {
        await using world = await new World(options.target(), {
          definitions: behaviour.definitions(),
          ...(behaviour.historySuggest === undefined
            ? {}
            : { historySuggest: behaviour.historySuggest }),
        }).open();
        await behaviour.run(world);
      });
    }
  });
}
