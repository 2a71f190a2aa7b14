// A venue in a process of its own that sends itself writes, so that its answers may be watched. It prints nothing.

import { parseArgs } from "node:util";
import { usdc } from "@holdfast/core";
import { createPurpleFlea, paperProfile } from "@holdfast/purpleflea";
import { openSandbox } from "@holdfast/sandbox";

const { values } = parseArgs({
  options: {
    state: { type: "string", default: "" },
    durability: { type: "string", default: "full" },
    count: { type: "string", default: "20" },
  },
});

const sandbox = await openSandbox({
  path: values.state,
  durability: values.durability === "full" ? "full" : "relaxed",
});
const anybody = createPurpleFlea({ baseUrl: sandbox.url, profile: paperProfile });
const { api_key: apiKey } = await anybody.faucet.register({ name: "ack" }, { key: "register" });
const agent = createPurpleFlea({ baseUrl: sandbox.url, apiKey, profile: paperProfile });
const order = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("10.00") } as const;
for (let n = 1; n < Number(values.count); n += 1)
  await agent.trade.open(order, { key: `open-${n}` });
process.kill(process.pid, "SIGKILL");
