// The storm: many runs that buy one after the other, a venue with faults, and an engine that dies now and then.

import { type Activity, type Workflow, workflow } from "@holdfast/core";
import type { Audit, FaultRuleInput } from "@holdfast/sandbox";
import { z } from "zod";
import type { Order } from "./hasty.ts";
import { Scene, type SceneOptions } from "./scene.ts";

export interface StormOptions {
  /** The purchase: the real activity, or one with a planted bug. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly buy: Activity<any, any>;
  readonly runs: number;
  readonly purchases: number;
  readonly faults?: readonly FaultRuleInput[];
  /** The engine is killed each time so many purchases are done. Default 50. */
  readonly killEvery?: number;
  /** Milliseconds after a full minute at which it begins. Default 1. */
  readonly startMs?: number;
  readonly resources?: SceneOptions["resources"];
  /** What closes each position again, as a decision of its own. Default: nothing does. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly sell?: Activity<{ positionId: string }, any>;
  /** What the client takes the venue for, and how the venue speaks. */
  readonly profile?: SceneOptions["profile"];
  readonly sandbox?: SceneOptions["sandbox"];
}

/** What the storm does to purchases. */
export const STORM_FAULTS: readonly FaultRuleInput[] = [
  { kind: "status", status: 503, when: "before", operations: ["open"], probability: 0.1 },
  { kind: "latency", ms: 15_000, when: "before", operations: ["open"], probability: 0.05 },
  { kind: "drop", when: "after", operations: ["open"], probability: 0.3 },
];

const KILL_EVERY = 50;

export class Storm implements AsyncDisposable {
  readonly scene: Scene;
  readonly #options: StormOptions;
  readonly #buyer: Workflow<number, number>;
  readonly #since: number;
  #done = 0;
  #crashes = 0;
  #onKill: () => void = () => undefined;

  private constructor(scene: Scene, options: StormOptions, buyer: Workflow<number, number>) {
    this.scene = scene;
    this.#options = options;
    this.#buyer = buyer;
    this.#since = scene.clock.now() + (options.startMs ?? 0) + 1;
    scene.clock.advanceTo(this.#since);
  }

  static async open(options: StormOptions): Promise<Storm> {
    const buyer = buyerOf(options);
    const box: { storm?: Storm } = {};
    const scene = await Scene.open({
      definitions: [buyer],
      sandbox: {
        faults: options.faults ?? STORM_FAULTS,
        durability: "relaxed",
        ...options.sandbox,
      },
      ...(options.profile === undefined ? {} : { profile: options.profile }),
      engine: {
        durability: "relaxed",
        evictAfterMs: 0,
        point: (point, about) => {
          if (point === "commit.after") box.storm?.count(about);
        },
      },
      ...(options.resources === undefined ? {} : { resources: options.resources }),
    });
    const storm = new Storm(scene, options, buyer);
    await scene.sandbox.venue.advanceTo(scene.clock.now());
    box.storm = storm;
    return storm;
  }

  /** Starts all runs and drives time until each has ended, killing the engine on the way. */
  async weather(): Promise<void> {
    const ids = Array.from({ length: this.#options.runs }, (_, index) => `storm-${index}`);
    for (const id of ids)
      await this.scene.client.start(this.#buyer, this.#options.purchases, { id });
    for (;;) {
      const killed = new Promise<"killed">((resolve) => {
        this.#onKill = () => {
          resolve("killed");
        };
      });
      const ended = Promise.all(ids.map((id) => this.scene.client.run(this.#buyer, id).result()));
      ended.catch(() => undefined);
      if ((await this.scene.drive(Promise.race([ended, killed]))) !== "killed") return;
      this.#crashes += 1;
      await this.scene.crash();
    }
  }

  async outcome(): Promise<{
    readonly audit: Audit;
    readonly states: Readonly<Record<string, number>>;
    readonly crashes: number;
  }> {
    this.scene.sandbox.venue.assertInvariants();
    const audit = this.scene.sandbox.venue.audit({ since: this.#since });
    const intents = await this.scene.engine.inspect((store) => store.intents.all());
    const states: Record<string, number> = {};
    for (const { state } of intents) states[state] = (states[state] ?? 0) + 1;
    return { audit, states, crashes: this.#crashes };
  }

  /** Counts purchases as their outcomes are committed. */
  count(about: string): void {
    const killEvery = this.#options.killEvery ?? KILL_EVERY;
    const before = Math.floor(this.#done / killEvery);
    this.#done += about.split(",").filter((ref) => ref.startsWith("-")).length;
    if (Math.floor(this.#done / killEvery) > before) this.#onKill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene[Symbol.asyncDispose]();
  }
}

function buyerOf({ buy, sell }: StormOptions): Workflow<number, number> {
  return workflow({
    name: "storm.buyer",
    input: z.number(),
    output: z.number(),
    run: async (ctx, purchases) => {
      for (let n = 0; n < purchases; n += 1) {
        const order: Order = { symbol: "BTC-PERP", side: "long", sizeUsd: "1.00" };
        const bought: unknown = await ctx.call(buy, order, {
          ref: `${ctx.info.id}/${n}`,
          total: "22h",
        });
        if (sell === undefined) continue;
        const { positionId } = bought as { readonly positionId: string };
        await ctx.call(sell, { positionId }, { ref: `${ctx.info.id}/${n}/sell`, total: "22h" });
      }
      return purchases;
    },
  });
}
