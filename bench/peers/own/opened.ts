// What every engine of ours is asked to do as a peer, through the client that users have.

import type { HostedEngine } from "@holdfast/core";
import { steps } from "../../step.ts";
import type { Opened } from "../peer.ts";
import { unsettled } from "../unsettled.ts";
import { effects, group, type sleeper as Sleeper } from "./definitions.ts";

/** @param sleeper as the engine runs it */
export function openedOn(
  engine: Pick<HostedEngine, "client" | "close">,
  sleeper: typeof Sleeper,
): Opened {
  const { client } = engine;
  return {
    steps: async (id, count) => (await client.start(steps, count, { id })).result(),
    group: async (id, count) => (await client.start(group, count, { id })).result(),
    sleeper: (run, ms) => client.start(sleeper, { run, ms }, { id: `sleeper-${run}` }),
    effects: (run) => client.start(effects, run, { id: `effects-${run}` }),
    unfinished: (count) =>
      unsettled(count, (run) => client.run(effects, `effects-${run}`).result()),
    close: () => engine.close(),
  };
}
