// Restate: a server that keeps the journal and calls handlers in this process over HTTP/2.

import { createServer } from "node:http2";
import * as restate from "@restatedev/restate-sdk";
import * as clients from "@restatedev/restate-sdk-clients";
import { payload } from "../../payload.ts";
import { ROW, sampled } from "../hop.ts";
import { EFFECT_STEPS, type Hop, type Opened, type Peer, type Place } from "../peer.ts";
import { pinned } from "../version.ts";

const step = async (n: number): Promise<object> => payload(n);

/** The handlers; their names are part of the addresses. */
const serviceIn = (place: Place) =>
  restate.service({
    name: "bench",
    handlers: {
      steps: async (ctx: restate.Context, count: number): Promise<number> => {
        for (let n = 0; n < count; n += 1) await ctx.run("step", () => step(n));
        return count;
      },
      group: async (ctx: restate.Context, count: number): Promise<number> => {
        const all = Array.from({ length: count }, (_, n) => ctx.run(`step-${n}`, () => step(n)));
        return (await restate.RestatePromise.all(all)).length;
      },
      sleeper: async (
        ctx: restate.Context,
        { run, ms }: { readonly run: number; readonly ms: number },
      ): Promise<number> => {
        place.asleep(run);
        await ctx.sleep(ms);
        return ctx.run("woke", () => {
          place.woke(run);
          return run;
        });
      },
      effects: async (ctx: restate.Context, run: number): Promise<number> => {
        for (let n = 0; n < EFFECT_STEPS; n += 1)
          await ctx.run("effect", async () => {
            await place.effect(run, n);
            return payload(n);
          });
        return run;
      },
      nothing: async (_ctx: restate.Context, row: string): Promise<string> => row,
    },
  });

async function listen(place: Place, service: ReturnType<typeof serviceIn>): Promise<void> {
  const [host, port] = (place.addresses["service"] ?? "").split(":");
  const server = createServer(restate.createEndpointHandler({ services: [service] }));
  await new Promise<void>((resolve) => {
    server.listen(Number(port), host, resolve);
  });
}

async function post(url: string, body: object): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

async function open(place: Place): Promise<Opened> {
  const service = serviceIn(place);
  await listen(place, service);
  const admin = `http://${place.addresses["admin"]}`;
  const uri = `http://${place.addresses["service"]}`;
  if (!place.resumed) await post(`${admin}/deployments`, { uri });
  const url = `http://${place.addresses["ingress"]}`;
  const { rpc } = clients;
  const ingress = clients.connect({ url });
  const called = ingress.serviceClient<typeof service>(service);
  const sent = ingress.serviceSendClient<typeof service>(service);

  const hop = async (): Promise<Hop> => {
    const version = (await (await fetch(`${admin}/version`)).json()) as {
      readonly version?: string;
    };
    const roundTripMs = await sampled(async () => (await fetch(`${url}/restate/health`)).text());
    const writeMs = await sampled(async () => called.nothing(ROW));
    const state = `Restate ${version.version ?? "?"}, one node, RocksDB WAL synced (default); its write is a call of an empty handler`;
    return { roundTripMs, writeMs, state };
  };
  return {
    steps: async (id, count) => called.steps(count, rpc.opts({ idempotencyKey: id })),
    group: async (id, count) => called.group(count, rpc.opts({ idempotencyKey: id })),
    sleeper: (run, ms) =>
      sent.sleeper({ run, ms }, rpc.sendOpts({ idempotencyKey: `sleeper-${run}` })),
    effects: (run) => sent.effects(run, rpc.sendOpts({ idempotencyKey: `effects-${run}` })),
    unfinished: async (count) => {
      const query =
        "SELECT count(*) AS done FROM sys_invocation WHERE target_handler_name = 'effects' AND status = 'completed' AND completion_result = 'success'";
      const { rows } = await post(`${admin}/query`, { query });
      const [row] = rows as readonly { readonly done: number }[];
      return count - (row?.done ?? 0);
    },
    hop,
  };
}

export const peer: Peer = {
  about: {
    version: `${pinned("@restatedev/restate-server")}, ${pinned("@restatedev/restate-sdk")}`,
    durability:
      "RocksDB WAL of the log server, synced, many entries together: before a step's result is acknowledged",
    settings: [
      "one node with its defaults; handlers over HTTP/2, calls with an idempotency key",
      "telemetry off, log level warn",
    ],
    notes: [
      "made for several nodes; on two cores the server and the handlers share them",
      "W6 kills the process with the handlers; the server stays",
      "no schema on a step's input or output",
    ],
  },
  open,
};
