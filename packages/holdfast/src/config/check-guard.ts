// Holds the names in a guard against those of the project: a limit for an agent that does not exist bounds nobody, and
// nobody would notice.

import type { Budget, GuardPolicy } from "@holdfast/core";
import * as purpleflea from "@holdfast/purpleflea";
import { type AnyActivity, type Config, accountsOf, workflowsOf } from "./config.ts";

type Limits = GuardPolicy["limits"];

/** What is wrong with the names in the guard, each with its path. */
export function problemsOfGuard(config: Config): readonly string[] {
  const { guard } = config;
  if (guard === undefined) return [];
  const venues = venuesOf(config);
  const known: Readonly<Partial<Record<Budget["per"], readonly string[]>>> = {
    agent: accountsOf(config),
    venue: venues,
    workflow: workflowsOf(config).map(({ name }) => name),
  };
  return [
    ...unknown("guard.agents", "agent", [...guard.agents.keys()], accountsOf(config)),
    ...guard.budgets.flatMap(({ name, per, of }) =>
      unknown(`guard.budgets ("${name}")`, per, of === undefined ? [] : [of], known[per]),
    ),
    ...[guard.limits, ...guard.agents.values()].flatMap((limits) => listed(limits, venues)),
    ...unknown("guard.unguarded", "money activity", [...guard.unguarded], activitiesOf(config)),
  ];
}

function listed({ only, never }: Limits, venues: readonly string[]): readonly string[] {
  return [
    ...unknown("guard.only.venues", "venue", only.venues ?? [], venues),
    ...unknown("guard.never.venues", "venue", never.venues ?? [], venues),
  ];
}

/** @param known undefined where a project cannot say which there are */
function unknown(
  path: string,
  what: string,
  names: readonly string[],
  known: readonly string[] | undefined,
): readonly string[] {
  if (known === undefined) return [];
  return names
    .filter((name) => !known.includes(name))
    .map((name) => `${path}: there is no ${what} "${name}", only ${known.join(", ") || "none"}`);
}

/** Venues are the resources that money is sent through. */
function venuesOf({ resources = [] }: Config): readonly string[] {
  const own = resources
    .filter((one) => one.venue !== undefined)
    .map(({ resource }) => resource.name);
  return [...new Set([purpleflea.purpleFlea.name, ...own])];
}

/** Those that are listed, and those that come along. */
function activitiesOf({ activities = [] }: Config): readonly string[] {
  const ours = Object.values<unknown>(purpleflea).filter(isActivity);
  return [...new Set([...activities, ...ours])]
    .filter(({ effect }) => effect === "money")
    .map(({ name }) => name);
}

function isActivity(value: unknown): value is AnyActivity {
  return (
    typeof value === "object" && value !== null && "kind" in value && value.kind === "activity"
  );
}
