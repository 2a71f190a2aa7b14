// The person who looks after things: completes work, resumes what has failed, settles what is in doubt by looking
// at the venue's ledger, and in the end asks what waits for somebody to stop.

import {
  type PendingCall,
  type RunDescription,
  type RunSummary,
  encode,
  toFailure,
} from "@holdfast/core";
import type { World } from "../world/world.ts";
import type { Outside as Surroundings } from "./cast.ts";
import type { Counts } from "./counts.ts";
import type { Outside } from "./outside.ts";

const ROUND_MS = 13 * 60_000;
/** How long something must be in doubt before somebody decides: what is on its way has come by then. */
const PATIENCE_MS = 3_600_000;
const RESUMES_MAX = 3;
/** How long after the last request runs may take to end by themselves. */
const GOES_ON_MS = 2 * 86_400_000;
/** After so much time a play does not end any more. */
const PLAY_MS_MAX = 60 * 86_400_000;

export interface Duty {
  readonly world: World;
  readonly outside: Outside;
  readonly surroundings: Surroundings;
  readonly counts: Counts;
}

export class Person {
  readonly #duty: Duty;
  readonly #resumes = new Map<string, number>();
  readonly #doubtSince = new Map<string, number>();
  #requests = 0;
  #overAt: number | undefined;

  constructor(duty: Duty) {
    this.#duty = duty;
  }

  /** Makes rounds until nothing is open; `isOver` tells when nothing more comes from outside. Gives what stays. */
  async watch(isOver: () => boolean): Promise<readonly string[]> {
    const { world, outside } = this.#duty;
    const end = world.clock.now() + PLAY_MS_MAX;
    let idle = 0;
    for (;;) {
      await outside.until(world.clock.now() + ROUND_MS);
      const open = await this.#round(isOver);
      // Twice in a row: a letter may just have been resumed.
      idle = open?.length === 0 ? idle + 1 : 0;
      if (idle > 1) return [];
      if (world.clock.now() < end) continue;
      return open?.map(({ id, status }) => `"${id}" is ${status}`) ?? ["nobody answers"];
    }
  }

  /** What is open after a round; undefined where it could not be made, or something comes still. */
  async #round(isOver: () => boolean): Promise<readonly RunSummary[] | undefined> {
    const { outside } = this.#duty;
    try {
      const open = await this.#open();
      await this.#complete();
      await this.#resume();
      for (const run of open) await this.#look(run);
      await outside.answered();
      if (!isOver() || (await this.#resumable()).length > 0) return undefined;
      const now = this.#duty.world.clock.now();
      this.#overAt ??= now;
      const isLong = now - this.#overAt > GOES_ON_MS;
      for (const run of open) await (isLong ? this.#cancel(run) : this.#stop(run));
      return open;
    } catch (error) {
      if (toFailure(error).disposition === "retry") return undefined;
      throw error;
    }
  }

  async #open(): Promise<readonly RunSummary[]> {
    return (await this.#duty.world.engine.list({ status: "open", limit: 1_000 })).runs;
  }

  #request(what: string): string {
    this.#requests += 1;
    return `person-${what}-${this.#requests}`;
  }

  async #complete(): Promise<void> {
    const { surroundings, outside, counts } = this.#duty;
    for (const [ref, token] of surroundings.tokens) {
      surroundings.tokens.delete(ref);
      const outcome = { kind: "done", output: encode(ref.length) } as const;
      const requestId = this.#request("complete");
      const operation = { kind: "complete", token, outcome, requestId } as const;
      if (await outside.send(operation)) counts.add("complete");
      await outside.send(operation);
    }
  }

  async #resumable(): Promise<readonly string[]> {
    const { world, surroundings } = this.#duty;
    if (!surroundings.isOpen) return [];
    const { letters } = await world.engine.dead({ kind: "failed", limit: 1_000 });
    return letters
      .filter(({ code, id }) => code === "SIM-SHUT" && (this.#resumes.get(id) ?? 0) < RESUMES_MAX)
      .map(({ id }) => id);
  }

  async #resume(): Promise<void> {
    const { outside, counts } = this.#duty;
    for (const id of await this.#resumable()) {
      this.#resumes.set(id, (this.#resumes.get(id) ?? 0) + 1);
      const requestId = this.#request("resume");
      const because = { actor: "ada", reason: "the gate is open" };
      if (await outside.send({ kind: "resume", id, requestId, ...because })) counts.add("resume");
    }
  }

  async #look({ id, status }: RunSummary): Promise<void> {
    const { world, counts } = this.#duty;
    let described: RunDescription;
    try {
      described = await world.engine.describe(id);
    } catch {
      return;
    }
    if (status === "quarantined") counts.add("quarantined");
    for (const call of described.calls)
      if (call.state === "in-doubt" || call.state === "quarantined") await this.#settle(id, call);
  }

  async #settle(id: string, call: PendingCall): Promise<void> {
    const { world, outside, counts } = this.#duty;
    const name = `${id} ${call.key}`;
    const now = world.clock.now();
    const since = this.#doubtSince.get(name) ?? now;
    if (since === now) counts.add("in doubt");
    this.#doubtSince.set(name, since);
    if (now - since < PATIENCE_MS || !world.venue.isUp) return;
    const isDone = world.venue.effects().some(({ key }) => key === call.key);
    const requestId = this.#request("resolve");
    const request = { kind: "resolve", id, key: call.key, requestId, actor: "ada" } as const;
    const reason = isDone ? "it is in the ledger" : "it is not in the ledger";
    if (!isDone) {
      const resolution = { kind: "not-done" } as const;
      if (await outside.send({ ...request, reason, resolution })) counts.add("in doubt settled");
      return;
    }
    // The venue tells its answer again while it keeps the key; afterwards it stays for whoever has the receipt.
    const resolution = { kind: "resend" } as const;
    if (await outside.send({ ...request, reason, resolution })) counts.add("in doubt settled");
    else await this.#discard(id);
  }

  async #discard(id: string): Promise<void> {
    const { outside, counts } = this.#duty;
    const requestId = this.#request("discard");
    const because = { actor: "ada", reason: "the effect is in the ledger, the key is forgotten" };
    if (await outside.send({ kind: "discard", id, requestId, ...because })) counts.add("discard");
  }

  /** Ends what does not end by itself: it waits for something that the venue has forgotten. */
  async #cancel({ id }: RunSummary): Promise<void> {
    const { outside, counts } = this.#duty;
    counts.add("ended by hand");
    const requestId = this.#request("cancel");
    await outside.send({ kind: "cancel", id, reason: "it goes on for days", requestId });
  }

  /** Asks a run that waits for somebody to stop. */
  async #stop({ id, workflow }: RunSummary): Promise<void> {
    const { outside } = this.#duty;
    const requestId = this.#request("stop");
    if (workflow === "sim.hub" || workflow === "sim.sitter") {
      const payload = encode(undefined);
      await outside.send({ kind: "signal", id, signal: "stop", payload, requestId });
    } else if (workflow === "agents.dca") {
      const payload = encode(undefined);
      await outside.send({ kind: "signal", id, signal: "resume", payload, requestId });
    } else if (workflow === "agents.riskMonitor") {
      await outside.send({ kind: "cancel", id, reason: "the play is over", requestId });
    }
  }
}
