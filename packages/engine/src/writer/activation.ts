// Activates the runs of a plan: all of them together, fact by fact, with the generations that runs continue
// into taking part at once.

import { type Command, type Fact, type VenueCapabilities, toFailure } from "@holdfast/core";
import { checkMoney, venueOf } from "../registry.ts";
import { type Activation, activate } from "../run/activate.ts";
import type { LiveRun } from "../run/live-run.ts";
import type { LiveRuns } from "../run/live-runs.ts";
import type { Loader } from "../run/loader.ts";
import { newRun } from "./operations.ts";
import type { Plan } from "./plan.ts";
import { type Step, stepOf } from "./step.ts";

export interface ActivationHost {
  readonly lives: LiveRuns;
  readonly loader: Loader;
  readonly venues: ReadonlyMap<string, VenueCapabilities>;
  readonly namespace: string;
  readonly newId: () => string;
  readonly nextRow: () => number;
}

/** Runs everything of the plan that needs code, and gives a step for each run concerned. */
export async function activatePlan(plan: Plan, host: ActivationHost): Promise<Step[]> {
  const steps: Step[] = [];
  const owners = new Map<Activation, Step>();
  const activations: Activation[] = [];
  const add = (step: Step): void => {
    steps.push(step);
    owners.set(step.activation, step);
    if (!step.stuck) activations.push(step.activation);
  };
  for (const taken of plan.intakes.values()) {
    const { live, facts, isNew } = taken;
    if (isNew) {
      host.lives.keep(live);
      live.machine = host.loader.machine(live);
    } else if (live.machine === undefined && live.problem === undefined) {
      await host.loader.bringBack(live);
    }
    if (facts.length === 0 && live.problem === undefined) continue;
    add(stepOf(taken, live.machine ?? host.loader.machine(live), plan.at));
  }
  const continued = new Set<LiveRun>();
  await activate(activations, (activation, commands) => {
    const step = owners.get(activation);
    if (step === undefined) return;
    for (const command of commands) {
      if (command.kind === "call") checkCall(step, command, host);
      if (command.kind !== "continued" || activation.machine.problem !== undefined) continue;
      continued.add(step.live);
      add(succeed(step, command, host));
    }
  });
  for (const { activation, live } of steps) {
    if (!activation.machine.closed || continued.has(live)) continue;
    for (const fact of activation.facts.slice(activation.delivered)) {
      if (fact.kind === "signal") plan.missed.add(fact);
    }
  }
  return steps;
}

/** A money call that could not be repeated safely is a mistake of the definition: nothing of it is kept. */
function checkCall(
  step: Step,
  command: Command & { readonly kind: "call" },
  host: ActivationHost,
): void {
  if (command.effect !== "money") return;
  const { machine } = step.activation;
  const activity = machine.calls.get(command.call)?.activity;
  if (activity === undefined) return;
  try {
    checkMoney(activity, venueOf(activity, host.venues).venue, command.totalMs);
  } catch (error) {
    const { code, message } = toFailure(error);
    machine.bug(code, message);
  }
}

/** The next generation of a run that continued as new. */
function succeed(
  step: Step,
  command: Command & { readonly kind: "continued" },
  host: ActivationHost,
): Step {
  const { live: before, activation } = step;
  const live = newRun(host, {
    ...before.row,
    generation: before.row.generation + 1,
    startedAt: activation.at,
  });
  live.machine = host.loader.machine(live);
  host.lives.keep(live);
  const started: Fact = {
    kind: "started",
    input: command.input,
    ...(command.loop === undefined ? {} : { loop: command.loop }),
    ...(command.signals === undefined ? {} : { signals: command.signals }),
  };
  // What the old generation can no longer take, the new one does.
  const rest = activation.facts
    .slice(activation.delivered)
    .filter(({ kind }) => kind === "signal" || kind === "cancel");
  return stepOf({ live, facts: [started, ...rest], isNew: true }, live.machine, activation.at);
}
