// A scenario, made of a seed alone and plain data: who acts, what comes from outside and when, what goes wrong.

import {
  type Operation,
  type StartRequest,
  type Workflow,
  encode,
  parseWith,
  seededRandom,
} from "@holdfast/core";
import { dca, escrowPayment, openAgent, riskMonitor } from "@holdfast/agents";
import type { FaultRuleInput } from "@holdfast/sandbox";
import type { EngineSettings } from "../world/world.ts";
import type { Cast } from "./cast.ts";
import { Chance } from "./chance.ts";
import { faultsOf } from "./faults.ts";
import { type Mishap, type Span, mishapsOf } from "./mishap.ts";

const MINUTE = 60_000;

/** A request from outside, so many milliseconds after the beginning. Sent again, it is the same request. */
export interface Sent {
  readonly at: number;
  /** Of one commit. */
  readonly operations: readonly Operation[];
}

/** A question from outside. */
export interface Asked {
  readonly at: number;
  readonly id: string;
  readonly query: string;
}

export interface Scenario {
  readonly seed: string;
  readonly span: Span;
  readonly accounts: readonly string[];
  readonly engine: EngineSettings;
  readonly faults: readonly FaultRuleInput[];
  readonly requests: readonly Sent[];
  readonly questions: readonly Asked[];
  /** When the gate opens. */
  readonly opensAt: number;
  readonly mishaps: readonly Mishap[];
}

export function scenarioOf(seed: string, cast: Cast, start: number): Scenario {
  const chance = new Chance(seededRandom(`${seed}/scenario`));
  const span: Span = chance.of(0.6) ? "short" : "long";
  const accounts = ["one", "two", "three"].slice(0, chance.between(1, 3));
  const engine: EngineSettings = {
    evictAfterMs: chance.pick([0, 0, 60_000]),
    cachedRuns: chance.pick([1, 10_000]),
    shadowReplay: chance.of(0.2),
    historySuggest: chance.pick([8, 30, 4_096]),
  };
  const script = new Script(chance, accounts);
  const roles = rolesOf(script, chance, { cast, accounts });
  for (const role of chance.some(roles, chance.between(2, 5))) role();
  return {
    seed,
    span,
    accounts,
    engine,
    faults: faultsOf(chance, start),
    requests: script.requests(),
    questions: script.questions,
    opensAt: chance.between(20, 120) * MINUTE,
    mishaps: mishapsOf(chance, span),
  };
}

interface Signal {
  readonly name: string;
  readonly payload?: unknown;
}

interface StartMore extends Partial<
  Pick<StartRequest, "account" | "onOpen" | "onClosed" | "effects" | "delayMs">
> {
  readonly signal?: Signal;
}

/** Writes down what comes from outside. */
class Script {
  readonly #chance: Chance;
  readonly #accounts: readonly string[];
  readonly #sent: Sent[] = [];
  readonly questions: Asked[] = [];
  #number = 0;

  constructor(chance: Chance, accounts: readonly string[]) {
    this.#chance = chance;
    this.#accounts = accounts;
  }

  /** In order of time, some of them more than once. */
  requests(): readonly Sent[] {
    const again = this.#sent
      .filter(() => this.#chance.of(0.2))
      .map(({ at, operations }) => ({ at: at + this.#chance.between(0, 90) * MINUTE, operations }));
    return [...this.#sent, ...again].toSorted((a, b) => a.at - b.at);
  }

  /** An instant soon after the beginning. */
  soon(): number {
    return this.#chance.between(0, 30) * MINUTE;
  }

  /** Starts a run, and sends it a first signal in the same commit where one is named. */
  start<Input>(
    at: number,
    // oxlint-disable-next-line typescript/no-explicit-any -- outputs and messages vary the other way round
    flow: Workflow<Input, any, any, any, any>,
    id: string,
    input: NoInfer<Input>,
    more: StartMore = {},
  ): void {
    const { signal, account = this.#chance.pick(this.#accounts), ...rest } = more;
    const start: Operation = {
      kind: "start",
      workflow: flow.name,
      input: encode(parseWith(flow.input, input, flow.name)),
      id,
      account,
      requestId: this.#request(),
      onClosed: "attach",
      ...rest,
    };
    const first = signal === undefined ? [] : [this.#signal(id, signal)];
    this.#sent.push({ at, operations: [start, ...first] });
  }

  signal(at: number, id: string, name: string, payload?: unknown): void {
    this.#sent.push({ at, operations: [this.#signal(id, { name, payload })] });
  }

  ask(at: number, id: string, query: string): void {
    this.questions.push({ at, id, query });
  }

  update(at: number, id: string, name: string, input: unknown): void {
    const requestId = this.#request();
    this.#send(at, { kind: "update", id, update: name, input: encode(input), requestId });
  }

  cancel(at: number, id: string): void {
    this.#send(at, { kind: "cancel", id, reason: "no more", requestId: this.#request() });
  }

  #signal(id: string, { name, payload }: Signal): Operation {
    const requestId = this.#request();
    return { kind: "signal", id, signal: name, payload: encode(payload), requestId };
  }

  #send(at: number, operation: Operation): void {
    this.#sent.push({ at, operations: [operation] });
  }

  #request(): string {
    this.#number += 1;
    return `request-${this.#number}`;
  }
}

type Role = () => void;

function rolesOf(
  script: Script,
  chance: Chance,
  { cast, accounts }: { readonly cast: Cast; readonly accounts: readonly string[] },
): readonly Role[] {
  return [
    ...agentsOf(script, chance, accounts),
    ...smallOf(script, chance, cast),
    ...hubsOf(script, chance, cast),
  ];
}

function agentsOf(script: Script, chance: Chance, accounts: readonly string[]): readonly Role[] {
  const buyers = ["dca-a", "dca-b"].map((id): Role => () => {
    const at = script.soon();
    const periods = chance.between(1, 5);
    const every = chance.pick(["10m", "30m", "1h"] as const);
    const missed = chance.pick(["each", "skip"] as const);
    const plan = { symbol: "BTC-PERP", amountUsd: "25.00", every, periods, missed } as const;
    const account = chance.pick(accounts);
    script.start(at, dca, id, plan, { account, delayMs: chance.pick([0, 0, 5 * MINUTE]) });
    if (chance.of(0.4)) {
      script.signal(at + 5 * MINUTE, id, "pause", { reason: "holiday" });
      script.signal(at + chance.between(20, 90) * MINUTE, id, "resume");
    }
    if (chance.of(0.15)) script.cancel(at + chance.between(1, 60) * MINUTE, id);
    for (let n = chance.between(0, 2); n > 0; n -= 1)
      script.ask(at + chance.between(1, 90) * MINUTE, id, "progress");
    if (chance.of(0.25)) {
      // The same plan once more, to finish what is missing: nothing is bought twice.
      const again = at + chance.between(10, 300) * MINUTE;
      const how = { onOpen: "replace", onClosed: "restart", effects: "continue" } as const;
      script.start(again, dca, id, plan, { account, ...how });
    }
  });
  return [
    ...buyers,
    () => {
      const at = script.soon();
      script.start(at, riskMonitor, "risk", { limit: 0.15, every: "5m" });
      script.cancel(at + chance.between(20, 120) * MINUTE, "risk");
    },
    () => {
      const at = script.soon();
      const asJob = chance.of(0.4);
      const to = asJob ? "worker:reliable" : "payee";
      const rest = { amountUsd: "8.00", condition: "a report", deadlineHours: 2 } as const;
      script.start(at, escrowPayment, "escrow", { to, as: asJob ? "job" : "escrow", ...rest });
      if (chance.of(0.7)) script.signal(at + chance.between(1, 60) * MINUTE, "escrow", "confirm");
    },
    () => {
      script.start(
        script.soon(),
        openAgent,
        "open-agent",
        { name: "newcomer" },
        {
          account: "newcomer",
        },
      );
    },
  ];
}

function smallOf(script: Script, chance: Chance, cast: Cast): readonly Role[] {
  return [
    () => {
      script.start(script.soon(), cast.looper, "looper", { rounds: chance.between(1, 4) });
    },
    () => {
      const steps = chance.between(1, 3);
      script.start(script.soon(), cast.trip, "trip", { steps, fails: chance.of(0.6) });
      if (chance.of(0.3)) script.cancel(script.soon() + 30 * MINUTE, "trip");
    },
    () => {
      script.start(script.soon(), cast.passer, "passer", undefined);
    },
    () => {
      script.start(script.soon(), cast.asker, "asker", { questions: chance.between(1, 3) });
    },
    () => {
      const limit = chance.pick(["100.00", "90000000.00"]);
      script.start(script.soon(), cast.trader, "trader", { limit });
    },
    () => {
      const at = script.soon();
      script.start(at, cast.chain, "chain", { links: chance.between(1, 4), heard: 0 });
      for (let n = chance.between(0, 3); n > 0; n -= 1)
        script.signal(at + chance.between(1, 40) * MINUTE, "chain", "ring", `ring ${n}`);
    },
  ];
}

function hubsOf(script: Script, chance: Chance, cast: Cast): readonly Role[] {
  const openHub = (): number => {
    const at = script.soon();
    const signal = { name: "word", payload: "first" };
    script.start(at, cast.hub, "hub", undefined, chance.of(0.5) ? { signal } : {});
    if (chance.of(0.5)) script.ask(at + chance.between(1, 60) * MINUTE, "hub", "total");
    for (let n = chance.between(0, 3); n > 0; n -= 1)
      script.signal(at + chance.between(0, 60) * MINUTE, "hub", "word", `word ${n}`);
    for (let n = chance.between(0, 3); n > 0; n -= 1)
      script.update(at + chance.between(0, 60) * MINUTE, "hub", "add", n);
    if (chance.of(0.3)) script.update(at + 10 * MINUTE, "hub", "add", 0);
    return at;
  };
  return [
    openHub,
    () => {
      const at = openHub();
      script.start(at + 5 * MINUTE, cast.family, "family", { hub: "hub" });
      if (chance.of(0.2)) script.cancel(at + chance.between(5, 20) * MINUTE, "family");
    },
    () => {
      const at = script.soon();
      script.start(at, cast.sitter, "sitter", undefined);
      const end = at + chance.between(1, 90) * MINUTE;
      if (chance.of(0.5)) script.cancel(end, "sitter");
      else script.signal(end, "sitter", "stop");
    },
  ];
}
