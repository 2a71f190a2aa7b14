// Activates the runs of a plan: all of them together, fact by fact. What they do to each other (children,
// messages, generations they continue into) happens at once, so that both sides stand in one commit.

import {
  type Command,
  type Fact,
  type VenueCapabilities,
  fromFailure,
  toFailure,
} from "@holdfast/core";
import { checkMoney, venueOf } from "../registry.ts";
import { activate } from "../run/activate.ts";
import type { LiveRun } from "../run/live-run.ts";
import { runClosed, runMoved } from "./closed.ts";
import { Crossings, type Turn as CrossedTurn } from "./crossings.ts";
import { newRun } from "./new-run.ts";
import { type Plan, intake } from "./plan.ts";
import { type Step, stepOf } from "./step.ts";

export type ActivationHost = CrossedTurn["host"] & {
  readonly venues: ReadonlyMap<string, VenueCapabilities>;
  /** Makes the first attempt of a local call; undefined where its outcome comes later. */
  readonly local: (call: Command & { readonly kind: "call" }, step: Step) => Fact | undefined;
};

/** Runs everything of the plan that needs code, and gives a step for each run concerned. */
export async function activatePlan(plan: Plan, host: ActivationHost): Promise<Step[]> {
  const turn = new Turn(plan, host);
  for (const taken of plan.intakes.values()) {
    const { live, facts, isNew } = taken;
    if (isNew) {
      host.lives.keep(live);
      live.machine = host.loader.machine(live);
    } else if (live.machine === undefined && live.problem === undefined) {
      await host.loader.bringBack(live);
    }
    if (facts.length === 0 && live.problem === undefined) continue;
    turn.add(stepOf(taken, live.machine ?? host.loader.machine(live), plan.at));
  }
  await turn.run();
  return turn.steps;
}

/** What somebody outside has sent, and is told where it was not taken. */
const MESSAGES: ReadonlySet<Fact["kind"]> = new Set<Fact["kind"]>(["signal", "update", "cancel"]);

/** The runs that take part in a turn. */
class Turn implements CrossedTurn {
  readonly steps: Step[] = [];
  readonly plan: Plan;
  readonly host: ActivationHost;
  /** Those whose code runs. */
  readonly #active: Step[] = [];
  readonly #crossings: Crossings = new Crossings(this);

  constructor(plan: Plan, host: ActivationHost) {
    this.plan = plan;
    this.host = host;
  }

  add(step: Step): void {
    this.steps.push(step);
    if (!step.stuck) this.#active.push(step);
  }

  /** The step of a run that takes part, or takes part from now on. */
  async step(live: LiveRun): Promise<Step> {
    const found = this.#stepOf(live);
    if (found !== undefined) return found;
    const { loader, lives } = this.host;
    lives.keep(live);
    if (live.machine === undefined && live.problem === undefined) await loader.bringBack(live);
    const taken = intake(this.plan, live);
    const step = stepOf(taken, live.machine ?? loader.machine(live), this.plan.at);
    this.add(step);
    return step;
  }

  /** Begins a run that another run of this turn starts. */
  begin(live: LiveRun, fact: Fact, at: number): void {
    const { lives, loader } = this.host;
    live.machine = loader.machine(live);
    lives.keep(live);
    this.add(stepOf({ live, facts: [fact], isNew: true }, live.machine, at));
  }

  async run(): Promise<void> {
    await activate(this.#active, {
      onCommands: (step, commands) => {
        this.#onCommands(step, commands);
      },
      onRound: () => this.#crossings.cross(),
    });
    for (const { activation, live, continued } of this.steps) {
      for (const [fact, failure] of activation.refused ?? []) {
        this.plan.missed.set(fact, fromFailure(failure));
      }
      if (!activation.machine.closed || continued) continue;
      const left = activation.entries.at(-1)?.kind === "continued";
      for (const fact of activation.facts.slice(activation.delivered)) {
        if (left && MESSAGES.has(fact.kind)) {
          this.plan.missed.set(fact, runMoved(live.row, fact.kind));
        } else if (fact.kind === "signal" || fact.kind === "update") {
          this.plan.missed.set(fact, runClosed(live, fact.kind));
        }
      }
    }
  }

  #stepOf(live: LiveRun): Step | undefined {
    return this.steps.find((step) => step.live === live);
  }

  #onCommands(step: Step, commands: readonly Command[]): void {
    const { machine, facts } = step.activation;
    for (const command of commands) {
      if (machine.problem !== undefined) return;
      switch (command.kind) {
        case "call": {
          this.#checkCall(step, command);
          const fact = command.local === true ? this.host.local(command, step) : undefined;
          if (fact !== undefined) facts.push(fact);
          break;
        }
        case "child":
        case "child-cancelled":
        case "child-cancel-asked":
        case "send":
          this.#crossings.add(step, command);
          break;
        case "continued":
          if (command.elsewhere !== true) this.#succeed(step, command);
          break;
        default:
          break;
      }
    }
    if (machine.closed) this.#crossings.closed(step);
  }

  /** A money call that could not be repeated safely is a mistake of the definition: nothing of it is kept. */
  #checkCall(step: Step, command: Command & { readonly kind: "call" }): void {
    if (command.effect !== "money") return;
    const { machine } = step.activation;
    const activity = machine.calls.get(command.call)?.activity;
    if (activity === undefined) return;
    try {
      checkMoney(activity, venueOf(activity, this.host.venues).venue, command.totalMs);
    } catch (error) {
      const { code, message } = toFailure(error);
      machine.bug(code, message);
    }
  }

  /** The next generation of a run that continued as new. */
  #succeed(step: Step, command: Command & { readonly kind: "continued" }): void {
    const { live: before, activation } = step;
    step.continued = true;
    const { row } = before;
    const live = newRun(this.host, {
      ...row,
      generation: row.generation + 1,
      startedAt: activation.at,
      parent: before.parent,
    });
    // What the old generation can no longer take, the new one does.
    const rest = activation.facts
      .slice(activation.delivered)
      .filter(({ kind }) => kind === "signal" || kind === "cancel" || kind === "update");
    const started: Fact = {
      kind: "started",
      input: command.input,
      ...(before.parent === undefined ? {} : { parent: before.parent.id }),
      ...activation.machine.notes.carried,
      ...(command.loop === undefined ? {} : { loop: command.loop }),
      ...(command.signals === undefined ? {} : { signals: command.signals }),
    };
    this.begin(live, started, activation.at);
    this.#stepOf(live)?.activation.facts.push(...rest);
  }
}
