// How many orders a second the paper venue takes over HTTP, each on disk before it is answered: a venue in a
// process of its own, 64 callers that each wait for their answer. The floor is the same orders given to the
// venue in this process: the limit of its ledger and its disk, without HTTP.

import { Agent, request } from "node:http";
import { createVenue } from "@holdfast/sandbox";
import { Child } from "../child/process.ts";
import { type Part, type Place, type Workload, atOnce, journalIn, timed } from "../workload.ts";

const CALLERS = 64;
const MS_PER_S = 1_000;

const ordersOf = (place: Place): number => place.size(20_000, 200);
/** Small enough for the grant to last. */
const ORDER = { symbol: "BTC-PERP", side: "long", size: "0.10" } as const;

/** Posts JSON and returns the answer; the connection is kept for the next. */
function post(
  agent: Agent,
  url: string,
  body: object,
  headers: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> {
  const text = JSON.stringify(body);
  const { promise, resolve, reject } = Promise.withResolvers<Readonly<Record<string, unknown>>>();
  const sent = request(
    url,
    {
      agent,
      method: "POST",
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
        ...headers,
      },
    },
    (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const read = Buffer.concat(chunks).toString();
        if ((answer.statusCode ?? 0) < 300)
          resolve(JSON.parse(read) as Readonly<Record<string, unknown>>);
        else reject(new Error(`${url} answered ${answer.statusCode}: ${read}`));
      });
    },
  );
  sent.on("error", reject);
  sent.end(text);
  return promise;
}

const overHttp: Part = async (place) => {
  const count = ordersOf(place);
  const script = new URL("../child/venue.ts", import.meta.url);
  await using child = new Child(script, [journalIn(place)]);
  const url = await child.line();
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  const registered = await post(agent, `${url}/@faucet/api/register`, { name: "bench" }, {});
  const authorization = `Bearer ${String(registered["api_key"])}`;
  const ms = await timed(() =>
    atOnce(count, CALLERS, (n) =>
      post(agent, `${url}/api/v1/trade`, ORDER, { authorization, "idempotency-key": `o/${n}` }),
    ),
  );
  agent.destroy();
  return [(count * MS_PER_S) / ms];
};

const inProcess: Part = async (place) => {
  const count = ordersOf(place);
  using venue = createVenue({ path: journalIn(place), clock: { mode: "real" } });
  const register = { operation: "register", name: "bench", description: "" } as const;
  const agent = String(venue.execute(register, { agent: "" }).body["agent_id"]);
  const { symbol, side } = ORDER;
  const size = { kind: "value", amount: 100_000n } as const;
  const ms = await timed(() =>
    atOnce(count, CALLERS, async (n) => {
      const command = { operation: "open", symbol, side, size, leverage: 1 } as const;
      const { status } = await venue.submit(command as never, { agent, key: `o/${n}` });
      if (status !== 200) throw new Error(`An order was answered ${status}.`);
    }),
  );
  return [(count * MS_PER_S) / ms];
};

/** Orders at market over HTTP, with full durability. */
export const venueOrders: Workload = {
  figures: [{ id: "venue.orders_per_s", unit: "orders/s", better: "higher" }],
  engine: overHttp,
  floor: inProcess,
};
