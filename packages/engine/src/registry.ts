// The definitions of a project by name. Two with one name are refused: names stand in journals.

import {
  type Activity,
  HoldfastError,
  type Priority,
  type VenueCapabilities,
  type Workflow,
} from "@holdfast/core";
import { KEY_MARGIN_MS } from "./call/decide.ts";

// The type parameters of definitions vary in both directions, so a list of any of them needs `any`.
// oxlint-disable-next-line typescript/no-explicit-any
export type Definition = Workflow<any, any, any, any, any> | Activity<any, any>;

export interface Registry {
  workflow(name: string): Workflow;
  hasWorkflow(name: string): boolean;
  /** "normal" for a workflow whose code is not there. */
  priority(name: string): Priority;
  readonly workflows: readonly string[];
}

export function createRegistry(definitions: readonly Definition[]): Registry {
  const byName = new Map<string, Definition>();
  for (const definition of definitions) {
    const known = byName.get(definition.name);
    if (known !== undefined && known !== definition) {
      throw new HoldfastError(
        "HF-DEFINITION-DUPLICATE",
        `Cannot use ${definition.kind} "${definition.name}": a ${known.kind} has this name already. Names stand in journals and must be unique.`,
      );
    }
    byName.set(definition.name, definition);
  }
  const workflows = [...byName.values()].filter((found) => found.kind === "workflow");
  const priorities = new Map(workflows.map(({ name, priority }) => [name, priority]));
  return {
    workflows: workflows.map(({ name }) => name).sort(),
    hasWorkflow: (name) => byName.get(name)?.kind === "workflow",
    priority: (name) => priorities.get(name) ?? "normal",
    workflow(name) {
      const found = byName.get(name);
      if (found?.kind === "workflow") return found as Workflow;
      const known = workflows.map((workflow) => workflow.name).sort();
      throw new HoldfastError(
        "HF-WORKFLOW-UNKNOWN",
        `Cannot find workflow "${name}": ${known.length === 0 ? "the project has none" : `the project has ${known.join(", ")}`}.`,
        { class: "data", disposition: "refused", outcome: "not-sent", details: { known } },
      );
    },
  };
}

/** What is assumed of a money activity that names no venue: it passes its key on, and a day is remembered. */
export const ASSUMED_VENUE: VenueCapabilities = {
  idempotency: "header",
  keyTtlMs: 86_400_000,
  settleMs: 60_000,
};

/** The capabilities that decide how an activity's calls are repeated, and the venues' names. */
export function venueOf(
  activity: Activity,
  overrides: ReadonlyMap<string, VenueCapabilities>,
): { readonly venue: VenueCapabilities; readonly names: string } {
  const venues: { name: string; venue: VenueCapabilities }[] = [];
  for (const resource of Object.values(activity.uses)) {
    const venue = overrides.get(resource.name) ?? resource.venue;
    if (venue !== undefined) venues.push({ name: resource.name, venue });
  }
  const weakest = venues.find(({ venue }) => venue.idempotency === "none") ?? venues[0];
  return {
    venue: weakest?.venue ?? ASSUMED_VENUE,
    names: venues.map(({ name }) => name).join(","),
  };
}

/** @throws HF-ACTIVITY-INVALID where a money activity could neither repeat nor reconcile, or repeats too late */
export function checkMoney(activity: Activity, venue: VenueCapabilities, totalMs: number): void {
  if (activity.effect !== "money") return;
  if (venue.idempotency === "none" && activity.reconcile === undefined) {
    throw new HoldfastError(
      "HF-ACTIVITY-INVALID",
      `Cannot use money activity "${activity.name}": its venue honours no idempotency keys, so it needs reconcile(input, a).`,
    );
  }
  const longest = venue.keyTtlMs - KEY_MARGIN_MS;
  if (totalMs > longest) {
    throw new HoldfastError(
      "HF-ACTIVITY-INVALID",
      `Cannot use money activity "${activity.name}" with a total of ${totalMs} ms: its venue remembers keys for ${venue.keyTtlMs} ms, so at most ${longest} ms are safe.`,
    );
  }
}
