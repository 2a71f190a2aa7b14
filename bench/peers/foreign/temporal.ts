// Temporal: its server keeps the histories, and a worker in this process runs workflows in sandboxes.

import { Client, Connection } from "@temporalio/client";
import { NativeConnection, Runtime, DefaultLogger, Worker } from "@temporalio/worker";
import { fileURLToPath } from "node:url";
import { type Payload, payload } from "../../payload.ts";
import { sampled } from "../hop.ts";
import { ownName } from "../own-name.ts";
import type { Hop, Opened, Peer, Place } from "../peer.ts";
import { pinned } from "../version.ts";

const NAMESPACE = "holdfast";

const activitiesIn = (place: Place) => ({
  step: async (input: Payload): Promise<Payload> => input,
  effect: async (run: number, n: number): Promise<object> => {
    await place.effect(run, n);
    return payload(n);
  },
  asleep: async (run: number): Promise<void> => {
    place.asleep(run);
  },
  woke: async (run: number): Promise<number> => {
    place.woke(run);
    return run;
  },
});

export type Activities = ReturnType<typeof activitiesIn>;

async function open(place: Place): Promise<Opened> {
  Runtime.install({ logger: new DefaultLogger("ERROR") });
  const address = place.addresses["temporal"] ?? "";
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace: NAMESPACE });
  const own = ownName(place);
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    namespace: NAMESPACE,
    taskQueue: own,
    workflowsPath: fileURLToPath(new URL("temporal-workflows.ts", import.meta.url)),
    activities: activitiesIn(place),
  });
  const ended = worker.run();
  const start = (name: string, id: string, args: readonly unknown[]) =>
    client.workflow.start(name, {
      workflowId: `${own}/${id}`,
      taskQueue: own,
      args: [...args],
    });
  const hop = async (): Promise<Hop> => {
    const info = await connection.workflowService.getSystemInfo({});
    const roundTripMs = await sampled(() => connection.workflowService.getSystemInfo({}));
    const state = `Temporal ${info.serverVersion ?? "?"}; development server on SQLite WAL, synchronous=FULL, unless HOLDFAST_TEMPORAL named another`;
    return { roundTripMs, state };
  };
  return {
    steps: async (id, count) => (await start("steps", id, [count])).result(),
    group: async (id, count) => (await start("group", id, [count])).result(),
    sleeper: (run, ms) => start("sleeper", `sleeper-${run}`, [run, ms]),
    effects: (run) => start("effects", `effects-${run}`, [run]),
    unfinished: async (count) => {
      const query = `WorkflowType = 'effects' AND TaskQueue = '${own}' AND ExecutionStatus = 'Completed'`;
      return count - (await client.workflow.count(query)).count;
    },
    hop,
    close: async () => {
      worker.shutdown();
      await ended;
    },
  };
}

export const peer: Peer = {
  about: {
    version: `${pinned("@temporalio/worker")}, ${pinned("@temporalio/client")}`,
    durability: "the server's database: SQLite WAL, synchronous=FULL, where the runner starts it",
    settings: [
      "the server's limits of polls a second raised from 20 to 2,000, eager activities on: by default a step waits 100 ms for them",
      "the worker's own defaults; activities on the workflow's own queue",
    ],
    notes: [
      "the development server is not made for throughput: one connection to SQLite",
      "W4 begins its sleep after one activity more, which tells when",
      "W6 kills the worker; the server stays, and begins a step that was under way again when its start-to-close time of a minute is over",
      "no schema on a step's input or output",
    ],
  },
  open,
};
