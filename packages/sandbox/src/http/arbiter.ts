// The venue's control over disputes: decides on a disputed escrow as an arbiter would.

import { RequestAmount } from "@holdfast/purpleflea/wire";
import type { Hono } from "hono";
import { z } from "zod";
import { escrowAnswer } from "../escrow/answer.ts";
import { arbitrate } from "../escrow/timers.ts";
import type { Decision } from "../escrow/transition.ts";
import type { Venue } from "../venue.ts";
import { parseBody, readObject } from "./body.ts";
import { json } from "./problem.ts";

const ResolveRequest = z.discriminatedUnion("decision", [
  z.strictObject({ decision: z.enum(["release", "refund"]) }),
  /** What is paid, before the fee; the rest goes back. */
  z.strictObject({ decision: z.literal("split"), payee_amount: RequestAmount }),
]);

export function arbiterRoutes(app: Hono, venue: Venue): void {
  app.post("/_sandbox/escrow/:id/resolve", async (c) => {
    const wanted = parseBody(ResolveRequest, await readObject(c.req.raw));
    const decision: Decision =
      wanted.decision === "split"
        ? { kind: "split", payee: wanted.payee_amount }
        : { kind: wanted.decision };
    const id = c.req.param("id");
    const decided = venue.act((own, journal) => arbitrate(id, decision, own, journal));
    return "kind" in decided
      ? json(decided.status, decided.body)
      : json(200, escrowAnswer(decided, decided.payer));
  });
}
