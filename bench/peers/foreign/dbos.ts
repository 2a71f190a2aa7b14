// DBOS on PostgreSQL: a library in the process, whose every step is a commit of the server.

import { DBOS } from "@dbos-inc/dbos-sdk";
import { Client } from "pg";
import { payload } from "../../payload.ts";
import { ROW, sampled } from "../hop.ts";
import { EFFECT_STEPS, type Hop, type Opened, type Peer, type Place } from "../peer.ts";
import { pinned } from "../version.ts";

const step = async (n: number): Promise<object> => payload(n);

const stepsOf = async (count: number): Promise<number> => {
  for (let n = 0; n < count; n += 1) await DBOS.runStep(() => step(n), { name: "step" });
  return count;
};

const groupOf = async (count: number): Promise<number> => {
  const all = Array.from({ length: count }, (_, n) =>
    DBOS.runStep(() => step(n), { name: `step-${n}` }),
  );
  return (await Promise.all(all)).length;
};

async function measureHop(address: string): Promise<Hop> {
  const client = new Client(`postgresql://postgres@${address}/postgres`);
  await client.connect();
  try {
    const setting = async (name: string): Promise<string> =>
      String((await client.query<Record<string, unknown>>(`SHOW ${name}`)).rows[0]?.[name]);
    const state = [`PostgreSQL ${await setting("server_version")}`];
    for (const name of ["fsync", "synchronous_commit", "wal_sync_method"])
      state.push(`${name}=${await setting(name)}`);
    const roundTripMs = await sampled(() => client.query("SELECT 1"));
    await client.query("CREATE TABLE hop (n bigint PRIMARY KEY, row text)");
    const writeMs = await sampled((n) => client.query("INSERT INTO hop VALUES ($1, $2)", [n, ROW]));
    return { roundTripMs, writeMs, state: state.join(", ") };
  } finally {
    await client.end();
  }
}

async function open(place: Place): Promise<Opened> {
  const address = place.addresses["postgres"] ?? "";
  const steps = DBOS.registerWorkflow(stepsOf, { name: "steps" });
  const group = DBOS.registerWorkflow(groupOf, { name: "group" });
  const sleeper = DBOS.registerWorkflow(
    async (run: number, ms: number) => {
      place.asleep(run);
      await DBOS.sleepms(ms);
      return DBOS.runStep(
        async () => {
          place.woke(run);
          return run;
        },
        { name: "woke" },
      );
    },
    { name: "sleeper" },
  );
  const effects = DBOS.registerWorkflow(
    async (run: number) => {
      for (let n = 0; n < EFFECT_STEPS; n += 1)
        await DBOS.runStep(
          async () => {
            await place.effect(run, n);
            return payload(n);
          },
          { name: "effect" },
        );
      return run;
    },
    { name: "effects" },
  );
  DBOS.setConfig({
    name: "bench-peers",
    systemDatabaseUrl: `postgresql://postgres@${address}/bench`,
    logLevel: "error",
    // By default made of the code; the process that goes on must be of the same version.
    applicationVersion: "1",
  });
  await DBOS.launch();
  return {
    steps: async (id, count) =>
      (await DBOS.startWorkflow(steps, { workflowID: id })(count)).getResult(),
    group: async (id, count) =>
      (await DBOS.startWorkflow(group, { workflowID: id })(count)).getResult(),
    sleeper: (run, ms) => DBOS.startWorkflow(sleeper, { workflowID: `sleeper-${run}` })(run, ms),
    effects: (run) => DBOS.startWorkflow(effects, { workflowID: `effects-${run}` })(run),
    unfinished: async (count) =>
      count - (await DBOS.listWorkflows({ workflowName: "effects", status: "SUCCESS" })).length,
    hop: () => measureHop(address),
  };
}

export const peer: Peer = {
  about: {
    version: pinned("@dbos-inc/dbos-sdk"),
    durability: "PostgreSQL commit, fsync and synchronous_commit on: one a step, two more a run",
    settings: [
      "workflows started directly: its queue would add a commit and up to a second of polling",
      "a pool of 10 connections, its default; PostgreSQL's own defaults",
    ],
    notes: [
      "a server on the same two cores takes processor time from it",
      "W6 kills the process with the workflows; the server stays",
      "no schema on a step's input or output",
    ],
  },
  open,
};
