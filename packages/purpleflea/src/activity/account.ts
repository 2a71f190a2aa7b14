// Activities around an agent's own account: registration, faucet, balance.

import { type Activity, activity } from "@holdfast/core";
import { z } from "zod";
import { money } from "../money.ts";
import { purpleFlea, secrets } from "../resource.ts";
import { ClaimResponse } from "../wire/index.ts";
import { byKey } from "./reconcile.ts";

const RegisterInput = z.object({ name: z.string(), description: z.string().optional() });
const Registered = z.object({ agentId: z.string(), secret: z.string(), grant: money() });

/**
 * Registers an agent and saves its API key as a secret; the answer that is journaled holds a reference to it,
 * never the key. A crash between registration and saving repeats the request with the same key, which the
 * venue answers again.
 */
export const registerAgent: Activity<
  z.input<typeof RegisterInput>,
  z.output<typeof Registered>
> = activity({
  name: "purpleflea.registerAgent",
  input: RegisterInput,
  output: Registered,
  effect: "money",
  uses: { venue: purpleFlea, secrets },
  timeouts: { total: "22h", attempt: "30s" },
  run: async (input, a) => {
    const answer = await a.use(purpleFlea).faucet.register(input);
    const secret = await a.use(secrets).save(`agent/${a.account}/api-key`, answer.api_key);
    return { agentId: answer.agent_id, secret, grant: answer.grant_micros ?? "0" };
  },
});

const Claimed = z.object({ amount: money(), transaction: z.string() });

/** Claims the faucet: 1 USDC per agent and day. */
export const claimFaucet: Activity<void, z.output<typeof Claimed>> = activity({
  name: "purpleflea.claimFaucet",
  input: z.void(),
  output: Claimed,
  effect: "money",
  uses: { venue: purpleFlea },
  timeouts: { total: "22h", attempt: "30s" },
  run: async (_input, a) => receipt(await a.use(purpleFlea).faucet.claim()),
  reconcile: (_input, a) => byKey(a, ClaimResponse, receipt),
});

function receipt(answer: z.output<typeof ClaimResponse>): z.input<typeof Claimed> {
  return { amount: answer.amount_micros, transaction: answer.tx_hash };
}

const Balance = z.object({ agentId: z.string(), available: money() });

export const getBalance: Activity<void, z.output<typeof Balance>> = activity({
  name: "purpleflea.getBalance",
  input: z.void(),
  output: Balance,
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { attempt: "30s" },
  run: async (_input, a) => {
    const answer = await a.use(purpleFlea).wallet.balance();
    return { agentId: answer.agent_id, available: answer.usdc_micros };
  },
});
