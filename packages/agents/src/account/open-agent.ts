// Opens an account at the venue, once: registers the agent, whose API key goes to the secrets and nowhere
// else, and claims the faucet.

import { type Workflow, workflow } from "@holdfast/core";
import { claimFaucet, money, registerAgent } from "@holdfast/purpleflea";
import { z } from "zod";

const Opening = z.object({
  /** Name under which the venue knows the agent. */
  name: z.string().min(1).max(200),
  faucet: z.boolean().default(true),
});

const Opened = z.object({ agentId: z.string(), grant: money(), claimed: money() });

/**
 * Registers the run's account at the venue and claims its faucet; however often it is started, once. What the
 * faucet does not give within an hour is left: `claimed` is then zero.
 *
 * @example
 * await client.start(openAgent, { name: "my first agent" }, { id: "open-agent", onClosed: "attach" });
 */
export const openAgent: Workflow<z.input<typeof Opening>, z.output<typeof Opened>> = workflow({
  name: "agents.openAgent",
  input: Opening,
  output: Opened,
  run: async (ctx, { name, faucet }) => {
    const registered = await ctx.call(
      registerAgent,
      { name },
      { key: "register", ref: `${ctx.info.id}/register` },
    );
    if (!faucet) return { agentId: registered.agentId, grant: registered.grant, claimed: "0" };
    const claimed = await ctx.try(claimFaucet, undefined, {
      key: "claim",
      ref: `${ctx.info.id}/claim`,
      // A faucet that is shut for hours does not hold up the account.
      total: "1h",
    });
    return {
      agentId: registered.agentId,
      grant: registered.grant,
      claimed: claimed.ok ? claimed.value.amount : "0",
    };
  },
});
