// Keeps a domain: waits until the name is to be had, buys it once, renews it in time for years, also within the
// grace where money was missing, and says so when it is lost.

import { type Workflow, done, workflow } from "@holdfast/core";
import type { z } from "zod";
import { hold } from "./hold.ts";
import { DomainPlan } from "./plan.ts";
import { seek } from "./seek.ts";
import { BEGINNING, DomainProgress, DomainReport } from "./state.ts";

const queries = { state: DomainProgress };

/**
 * Buys `name` when it is to be had and keeps it for `years` years: one registration, and one renewal for each
 * further year. It ends when all years are paid for, or the name is lost. A name that the account holds already
 * is kept without being bought.
 *
 * @example
 * await client.start(domainKeeper, { name: "example.com", years: 5 }, { id: "example.com" });
 */
export const domainKeeper: Workflow<
  z.input<typeof DomainPlan>,
  z.output<typeof DomainReport>,
  Record<never, never>,
  typeof queries
> = workflow({
  name: "agents.domainKeeper",
  input: DomainPlan,
  output: DomainReport,
  queries,
  run: async (ctx, plan) => {
    let seen = BEGINNING;
    ctx.onQuery("state", () => seen);
    return ctx.loop(seen, async (state) => {
      seen = state;
      const step = await (state.expiresAt === null
        ? seek(ctx, plan, state)
        : hold(ctx, plan, state, state.expiresAt));
      return "outcome" in step ? done(step) : step;
    });
  },
});
