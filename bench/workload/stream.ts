// The event stream: how many ticks a second reach 1, 10 and 100 callers over real sockets, and how many the
// market gives when nobody listens. The floor of the fan-out is a bare WebSocket server that sends as many
// frames of the same size; the floor of the market is its quotes alone.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createFeed, createVenue, openSandbox } from "@holdfast/sandbox";
import { WebSocket, WebSocketServer } from "ws";
import { type Part, type Place, type Workload, timed } from "../workload.ts";

/** Monday, 5 January 2026, 09:00 UTC. */
const START = 1_767_603_600_000;
const MINUTE_MS = 60_000;
const TICK_MS = 250;
const PAIRS = 3;
const MS_PER_S = 1_000;
/** About what a tick has on the wire. */
const FRAME_BYTES = 420;

const clock = { mode: "frozen", now: START } as const;

interface Caller {
  readonly socket: WebSocket;
  /** Resolves when so many frames have come in all. */
  heard(frames: number): Promise<void>;
}

/** Connects, says what it wants, and counts what comes. */
async function connect(url: string, apiKey: string): Promise<Caller> {
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${apiKey}` } });
  let frames = 0;
  let wanted = Infinity;
  let reached = (): void => undefined;
  socket.on("message", () => {
    frames += 1;
    if (frames >= wanted) reached();
  });
  await once(socket, "open");
  socket.send(JSON.stringify({ action: "subscribe", resumeFrom: "", topics: ["market.tick"] }));
  return {
    socket,
    heard(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wanted = count;
      reached = resolve;
      if (frames >= count) resolve();
      return promise;
    },
  };
}

/** The answer to the subscription, and a tick of each pair as it stands. */
const FIRST_FRAMES = 1 + PAIRS;

/** Minutes of ticks, one of each pair a minute: fewer the more callers there are. */
const minutesOf = (place: Place, callers: number): number =>
  place.size(Math.ceil(4_000 / callers), Math.ceil(300 / callers));

const rate = (ticks: number, ms: number): readonly number[] => [(ticks * MS_PER_S) / ms];

function engine(count: number): Part {
  return async (place) => {
    const minutes = minutesOf(place, count);
    await using sandbox = await openSandbox({ path: ":memory:", clock });
    const callers: Caller[] = [];
    for (let n = 0; n < count; n += 1) {
      const command = { operation: "register", name: `caller ${n}`, description: "" } as const;
      const { body } = sandbox.venue.execute(command, { agent: "" });
      const url = `${sandbox.url.replace("http", "ws")}/api/stream`;
      callers.push(await connect(url, String(body["api_key"])));
    }
    await Promise.all(callers.map((caller) => caller.heard(FIRST_FRAMES)));
    const frames = FIRST_FRAMES + minutes * PAIRS;
    const ms = await timed(async () => {
      const all = Promise.all(callers.map((caller) => caller.heard(frames)));
      await sandbox.venue.advanceTo(START + minutes * MINUTE_MS);
      await all;
    });
    for (const { socket } of callers) socket.terminate();
    return rate(minutes * PAIRS * count, ms);
  };
}

function floor(count: number): Part {
  return async (place) => {
    const minutes = minutesOf(place, count);
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    const sockets: WebSocket[] = [];
    server.on("connection", (socket) => sockets.push(socket));
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const callers: Caller[] = [];
    for (let n = 0; n < count; n += 1) callers.push(await connect(`ws://127.0.0.1:${port}`, ""));
    const text = "x".repeat(FRAME_BYTES);
    const ms = await timed(async () => {
      const all = Promise.all(callers.map((caller) => caller.heard(minutes * PAIRS)));
      for (let minute = 0; minute < minutes; minute += 1) {
        for (const socket of sockets) {
          for (let pair = 0; pair < PAIRS; pair += 1) socket.send(text);
        }
        // As a venue that does other things between two ticks.
        await new Promise(setImmediate);
      }
      await all;
    });
    for (const { socket } of callers) socket.terminate();
    server.close();
    return rate(minutes * PAIRS * count, ms);
  };
}

function fanOut(count: number): Workload {
  return {
    figures: [{ id: `stream.${count}_ticks_per_s`, unit: "ticks/s", better: "higher" }],
    engine: engine(count),
    floor: floor(count),
  };
}

/** Ticks over the sockets of 1, 10 and 100 callers. */
export const streamToOne: Workload = fanOut(1);
export const streamToTen: Workload = fanOut(10);
export const streamToHundred: Workload = fanOut(100);

const instantsOf = (place: Place): number => place.size(20_000, 400);

/** Ticks of all pairs, every 250 ms of the venue's time, that nobody listens to. */
export const ticks: Workload = {
  figures: [{ id: "stream.made_ticks_per_s", unit: "ticks/s", better: "higher" }],
  async engine(place) {
    using venue = createVenue({ path: ":memory:", clock });
    const feed = createFeed(venue.market);
    const ms = await timed(async () => {
      for (let n = 0; n < instantsOf(place); n += 1) feed.ticks(START + n * TICK_MS);
    });
    return rate(instantsOf(place) * PAIRS, ms);
  },
  async floor(place) {
    using venue = createVenue({ path: ":memory:", clock });
    const { market } = venue;
    const ms = await timed(async () => {
      for (let n = 0; n < instantsOf(place); n += 1) {
        for (const pair of market.pairs) market.quote(pair, START + n * TICK_MS);
      }
    });
    return rate(instantsOf(place) * PAIRS, ms);
  },
};
