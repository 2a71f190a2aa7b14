// Paths of escrows: two guides spell the making and the releasing of one in two ways; everything else is ours, in
// both spellings.

import {
  EscrowActionRequest,
  EscrowCreateRequest,
  EscrowDisputeRequest,
  EscrowOwnActionRequest,
  EscrowOwnDisputeRequest,
  EscrowRequest,
  EscrowStatus,
} from "@holdfast/purpleflea/wire";
import { z } from "zod";
import type { Json } from "../../command/command.ts";
import { escrowAnswer } from "../../escrow/answer.ts";
import type { EscrowCommand } from "../../escrow/command.ts";
import { escrowOf } from "../../escrow/operations.ts";
import { ProblemError } from "../problem.ts";
import { lastPart, limitOf, partBeforeLast, queried } from "../query.ts";
import { type Asked, type Route, type WriteOptions, read, write } from "../route.ts";

/** The first guide's spelling. */
const createV1: WriteOptions<typeof EscrowCreateRequest> = {
  schema: EscrowCreateRequest,
  aliases: {
    amount_usd: ["amount", "amount_usdc"],
    counterparty: ["to", "payee"],
    condition: ["description"],
  },
  command: ({ amount_usd: amount, counterparty: to, condition, ...more }) =>
    creating({ to, amount, condition }, more),
};

/** The third and fourth guides' spelling. */
const create: WriteOptions<typeof EscrowRequest> = {
  schema: EscrowRequest,
  aliases: {
    amount: ["amount_usd", "amount_usdc"],
    to: ["counterparty", "payee"],
    description: ["condition"],
  },
  command: ({ to, amount, description: condition, ...more }) =>
    creating({ to, amount, condition }, more),
};

type Create = Extract<EscrowCommand, { readonly operation: "create-escrow" }>;
type More = Pick<z.output<typeof EscrowRequest>, "referrer" | "timeout_hours" | "deadline">;

/** What both spellings mean. */
function creating(
  wanted: Pick<Create, "to" | "amount" | "condition">,
  { referrer, timeout_hours: timeoutHours, deadline }: More,
): Create {
  return {
    operation: "create-escrow",
    ...wanted,
    referrer: referrer ?? undefined,
    timeoutHours,
    deadline,
  };
}

type Action = Exclude<EscrowCommand["operation"], "create-escrow" | "dispute-escrow">;

/** The body names the escrow. */
function named(operation: Action): WriteOptions<typeof EscrowActionRequest> {
  return {
    schema: EscrowActionRequest,
    aliases: { escrow_id: ["id"] },
    command: ({ escrow_id: escrowId }) => ({ operation, escrowId }),
  };
}

/** The path names it. */
function own(operation: Action): WriteOptions<typeof EscrowOwnActionRequest> {
  return {
    schema: EscrowOwnActionRequest,
    command: (_body, path) => ({ operation, escrowId: partBeforeLast(path) }),
  };
}

const dispute: WriteOptions<typeof EscrowDisputeRequest> = {
  schema: EscrowDisputeRequest,
  aliases: { escrow_id: ["id"] },
  command: ({ escrow_id: escrowId, reason }) => ({ operation: "dispute-escrow", escrowId, reason }),
};

const disputeOwn: WriteOptions<typeof EscrowOwnDisputeRequest> = {
  schema: EscrowOwnDisputeRequest,
  command: ({ reason }, path) => ({
    operation: "dispute-escrow",
    escrowId: partBeforeLast(path),
    reason,
  }),
};

const EscrowsQuery = z.object({
  // What the public servers call it.
  status: z.preprocess((value) => (value === "funded" ? "locked" : value), EscrowStatus.optional()),
  role: z.enum(["payer", "payee"]).optional(),
});

const one = { answer: escrow };
const list = { answer: escrows };

export const escrowRoutes: readonly Route[] = [
  write("main", "/api/v1/escrow/create", "create-escrow", createV1),
  write("main", "/api/v1/escrow/release", "release-escrow", named("release-escrow")),
  write("main", "/api/v1/escrow/complete", "complete-escrow", named("complete-escrow")),
  write("main", "/api/v1/escrow/refund", "refund-escrow", named("refund-escrow")),
  write("main", "/api/v1/escrow/dispute", "dispute-escrow", dispute),
  read("main", "/api/v1/escrow", "escrows", list),
  read("main", "/api/v1/escrow/:id", "escrow", one),
  write("escrow", "/api/escrow", "create-escrow", create),
  write("escrow", "/api/escrow/:id/release", "release-escrow", own("release-escrow")),
  write("escrow", "/api/escrow/:id/complete", "complete-escrow", own("complete-escrow")),
  write("escrow", "/api/escrow/:id/refund", "refund-escrow", own("refund-escrow")),
  write("escrow", "/api/escrow/:id/dispute", "dispute-escrow", disputeOwn),
  read("escrow", "/api/escrow", "escrows", list),
  read("escrow", "/api/escrow/:id", "escrow", one),
  read("escrow", "/dispute", "escrow-dispute-page", { open: true, answer: howToDispute }),
];

function escrow({ venue, agent, path }: Asked): Json {
  const id = lastPart(path);
  const found = venue.look(agent, ({ store }) => escrowOf(agent, store.escrows.get(id)));
  if (found !== undefined) return { ...escrowAnswer(found, agent) };
  throw new ProblemError("unknown_escrow", `No escrow ${id} of this agent.`);
}

function escrows({ venue, agent, url }: Asked): Json {
  const filter = queried(EscrowsQuery, url);
  const limit = limitOf(url);
  const found = venue.look(agent, ({ store }) => store.escrows.list(agent, limit, filter));
  return { escrows: found.map((one) => escrowAnswer(one, agent)) };
}

/** What stands on the guides' page for disputes. */
function howToDispute(): Json {
  return {
    title: "How to dispute an escrow",
    steps: [
      "Either side of an escrow that is locked or completed may dispute it.",
      'POST /api/escrow/{escrow_id}/dispute with {"reason": "…"} and your API key, on the escrow host; or POST /api/v1/escrow/dispute with {"escrow_id": "…", "reason": "…"} on the main host.',
      "From then on nobody can release it or give it back but the arbiter, who releases, refunds or splits it.",
    ],
    arbiter:
      "At the paper venue: the control POST /_sandbox/escrow/{escrow_id}/resolve, or a simulated arbiter after a day.",
  };
}
