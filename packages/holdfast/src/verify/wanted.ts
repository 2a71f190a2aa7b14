// Finds what a command line wants verified, or put under chaos: a workflow of the project, or a run of its fleet
// with the input that stands there.

import { HoldfastError } from "@holdfast/core";
import { type Config, accountsOf, workflowsOf } from "../config/config.ts";
import type { Subject } from "./trial.ts";

export interface Wanted {
  /** What is to be done with it, as errors say it. */
  readonly verb: string;
  /** A workflow's name, or the id of a run of the fleet. */
  readonly name: string;
  /** Instead of the fleet's; undefined where none was given. */
  readonly input: unknown;
  readonly id: string | undefined;
  /** Its id where nothing else names one. */
  readonly otherwise: string;
  readonly account: string | undefined;
}

export type Found = Pick<Subject, "workflow" | "input" | "id" | "account">;

/** @throws HF-WORKFLOW-UNKNOWN, HF-ACCOUNT-UNKNOWN */
export function find(config: Config, wanted: Wanted): Found {
  const { name, verb } = wanted;
  const fleet = config.fleet ?? [];
  const run =
    fleet.find(({ id }) => id === name) ?? fleet.find(({ workflow }) => workflow.name === name);
  const workflows = workflowsOf(config);
  const workflow = run?.workflow ?? workflows.find((found) => found.name === name);
  if (workflow === undefined) {
    const known = [...fleet.map(({ id }) => id), ...workflows.map((found) => found.name)];
    throw new HoldfastError(
      "HF-WORKFLOW-UNKNOWN",
      `Cannot ${verb} "${name}": ${known.length === 0 ? "the configuration has no workflows" : `the configuration has ${known.join(", ")}`}.`,
      { class: "data", details: { known } },
    );
  }
  const accounts = accountsOf(config);
  const account = wanted.account ?? run?.account ?? accounts[0] ?? "default";
  if (!accounts.includes(account)) {
    throw new HoldfastError(
      "HF-ACCOUNT-UNKNOWN",
      `Cannot ${verb} for account "${account}": the configuration has ${accounts.join(", ")}.`,
      { class: "data" },
    );
  }
  const { input = run?.input } = wanted;
  return { workflow, input, account, id: wanted.id ?? run?.id ?? wanted.otherwise };
}
