// What the guides recommend in place of a journal: the agent's whole state, written every 30 s beside the old one,
// with a checksum, and renamed over it. Only to be compared with.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Clock, TimerHandle } from "@holdfast/core";
import { z } from "zod";

export const INTERVAL_MS = 30_000;

const State = z.object({
  agent_id: z.string(),
  /** What it was told, in order. */
  facts: z.array(z.string()),
  last_checkpoint_ts: z.number(),
  checkpoint_seq: z.number(),
});
type State = z.infer<typeof State>;

const Wrapper = z.object({ checksum: z.string(), state: State });

/** An agent that keeps its state in memory, and its checkpoints in a file. */
export class CheckpointedAgent implements Disposable {
  readonly path: string;
  readonly #clock: Clock;
  readonly #state: State = {
    agent_id: "seed",
    facts: [],
    last_checkpoint_ts: 0,
    checkpoint_seq: 0,
  };
  #timer: TimerHandle;

  constructor(path: string, clock: Clock) {
    this.path = path;
    this.#clock = clock;
    this.#timer = this.#arm();
  }

  learn(fact: string): void {
    this.#state.facts.push(fact);
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  #arm(): TimerHandle {
    return this.#clock.setTimer(this.#clock.now() + INTERVAL_MS, () => {
      this.#save();
      this.#timer = this.#arm();
    });
  }

  #save(): void {
    this.#state.last_checkpoint_ts = this.#clock.now() / 1_000;
    this.#state.checkpoint_seq += 1;
    const checksum = sumOf(this.#state);
    writeFileSync(`${this.path}.tmp`, JSON.stringify({ checksum, state: this.#state }));
    renameSync(`${this.path}.tmp`, this.path);
  }
}

/** What is left of an agent; undefined where there is no checkpoint, or none that fits its checksum. */
export function loadCheckpoint(path: string): readonly string[] | undefined {
  if (!existsSync(path)) return undefined;
  const read = Wrapper.safeParse(parsed(readFileSync(path, "utf8")));
  if (!read.success) return undefined;
  const { checksum, state } = read.data;
  return checksum === sumOf(state) ? state.facts : undefined;
}

function sumOf(state: State): string {
  return createHash("sha256")
    .update(JSON.stringify(state, null, 2))
    .digest("hex");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
