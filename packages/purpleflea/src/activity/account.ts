// Activities around an agent's own account: registration, faucet, balance.

import {
  type Activity,
  type ActivityContext,
  HoldfastError,
  activity,
  micros,
} from "@holdfast/core";
import { z } from "zod";
import { money } from "../money.ts";
import { purpleFlea, secrets } from "../resource.ts";
import { ClaimResponse, decimalOf, fromNumber } from "../wire/index.ts";
import { byKey } from "./reconcile.ts";

const RegisterInput = z.object({ name: z.string(), description: z.string().optional() });
const Registered = z.object({ agentId: z.string(), secret: z.string(), grant: money() });

/**
 * Registers an agent and saves its API key as a secret; the answer that is journaled holds a reference to it,
 * never the key. A crash between registration and saving repeats the request with the same key, which the
 * venue answers again.
 *
 * @throws HF-ACCOUNT-REGISTERED where the account has an API key: another one would take its place, and the
 *   money of the first agent could not be reached any more
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
  guard: () => ({ operation: "account.register", kind: "reduce", amount: micros(0) }),
  observe: ({ grant }) => [{ kind: "flow", amount: grant }],
  run: async (input, a) => {
    const name = `agent/${a.account}/api-key`;
    // A request that may have been sent is finished; the key that is there may be its own.
    if (a.firstSentAt === undefined) await refuseRegistered(a, name);
    const answer = await a.use(purpleFlea).faucet.register(input);
    const secret = await a.use(secrets).save(name, answer.api_key);
    return { agentId: answer.agent_id, secret, grant: answer.grant_micros ?? "0" };
  },
});

async function refuseRegistered(a: ActivityContext, name: string): Promise<void> {
  if ((await a.use(secrets).read?.(name)) === undefined) return;
  throw new HoldfastError(
    "HF-ACCOUNT-REGISTERED",
    `Cannot register account "${a.account}": it has an API key already, and another would take its place. Remove the secret ${name} first, if its agent is really done with.`,
    { class: "state", disposition: "refused", outcome: "refused" },
  );
}

const Claimed = z.object({ amount: money(), transaction: z.string() });

/** Claims the faucet: 1 USDC per agent and day. */
export const claimFaucet: Activity<void, z.output<typeof Claimed>> = activity({
  name: "purpleflea.claimFaucet",
  input: z.void(),
  output: Claimed,
  effect: "money",
  uses: { venue: purpleFlea },
  timeouts: { total: "22h", attempt: "30s" },
  guard: () => ({ operation: "faucet.claim", kind: "reduce", amount: micros(0) }),
  observe: ({ amount }) => [{ kind: "flow", amount }],
  run: async (_input, a) => receipt(await a.use(purpleFlea).faucet.claim()),
  reconcile: (_input, a) => byKey(a, ClaimResponse, receipt),
});

function receipt(answer: z.output<typeof ClaimResponse>): z.input<typeof Claimed> {
  return { amount: answer.amount_micros, transaction: answer.tx_hash };
}

const Chain = z.object({ chain: z.string().optional() }).optional();

const Balance = z.object({
  agentId: z.string(),
  /** What may be spent now, in USDC. */
  available: money(),
  /** Each chain's, in its own asset (a decimal) and in USD; all, or the one that was asked for. */
  chains: z.array(
    z.object({ chain: z.string(), asset: z.string(), native: z.string(), usd: money() }),
  ),
});

/** What there is, on one chain or on all of them. */
export const walletBalance: Activity<z.input<typeof Chain>, z.output<typeof Balance>> = activity({
  name: "purpleflea.walletBalance",
  input: Chain,
  output: Balance,
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { attempt: "30s" },
  observe: ({ available }) => [{ kind: "available", available }],
  run: async (asked, a) => {
    const answer = await a.use(purpleFlea).wallet.balance();
    const all = answer.balances ?? [];
    return {
      agentId: answer.agent_id,
      available: answer.usdc_micros,
      chains: all
        .filter(({ chain }) => asked?.chain === undefined || chain === asked.chain)
        .map(({ chain, asset, native, usd }) => ({
          chain,
          asset,
          native: decimalOf(native),
          usd: fromNumber(usd),
        })),
    };
  },
});
