// Pays through an escrow: locks the money, waits for what makes it pay, then releases it, or leaves it to the
// venue's deadline or to the arbiter. Never pays twice, never forgets money that is locked.

import {
  type Usdc,
  type Workflow,
  type WorkflowContext,
  durationMs,
  signal,
  workflow,
} from "@holdfast/core";
import {
  type EscrowReceipt,
  EscrowState,
  createEscrow,
  disputeEscrow,
  getEscrow,
  money,
  postJob,
  releaseEscrow,
} from "@holdfast/purpleflea";
import { z } from "zod";
import { EscrowPlan, giveUpAt, nextStep, timeoutHours } from "./plan.ts";

/**
 * Looks at what the arbiter or the venue has in hand: the first after a minute, then one an hour, for three
 * months. Then it is for a person.
 */
const PATIENT_LOOKS_MAX = 2_200;

const Progress = z.object({
  escrowId: z.string().nullable(),
  /** As it was looked at last; "new" before it is locked. */
  status: z.string(),
  wanted: z.enum(["release", "dispute"]).nullable(),
  looks: z.number(),
  /** Looks for which the venue could not be read. */
  missed: z.number(),
});

const Report = z.object({
  escrowId: z.string(),
  jobId: z.string().nullable(),
  /** released, refunded, split; another one where nobody has ended it for three months: look at it. */
  status: z.string(),
  endedBy: z.string().nullable(),
  /** What the payee got. */
  paid: money(),
  fee: money(),
  referral: money(),
  refunded: money(),
});

const messages = {
  signals: {
    /** What was asked for is there: pay. */
    confirm: signal(),
    /** It is not as it should be: leave it to the arbiter. */
    dispute: z.object({ reason: z.string().max(1_000) }),
  },
  queries: { progress: Progress },
};

type Context = WorkflowContext<(typeof messages)["signals"], (typeof messages)["queries"]>;
type Escrow = z.output<typeof EscrowReceipt>;

/** What the run remembers between its steps. */
interface Memory {
  escrow: Escrow | undefined;
  wanted: "release" | "dispute" | undefined;
  reason: string;
  looks: number;
  missed: number;
}

/**
 * Locks `amountUsd` for `to`, and pays when `confirm` is signalled or, with `releaseOn: "completion"`, when the
 * payee has said that the work is done. What is not paid by the deadline goes back or to the arbiter.
 *
 * @example
 * const plan = { to: "worker:reliable", as: "job", amountUsd: "5.00", condition: "a report", releaseOn: "completion" };
 * await client.start(escrowPayment, plan, { id: "report-1" });
 */
export const escrowPayment: Workflow<
  z.input<typeof EscrowPlan>,
  z.output<typeof Report>,
  (typeof messages)["signals"],
  (typeof messages)["queries"]
> = workflow({
  name: "agents.escrowPayment",
  input: EscrowPlan,
  output: Report,
  ...messages,
  run: async (ctx, plan) => {
    const memory: Memory = {
      escrow: undefined,
      wanted: undefined,
      reason: "The deadline has passed.",
      looks: 0,
      missed: 0,
    };
    listen(ctx, memory);
    const escrowId = await lock(ctx, plan);
    let escrow = await lookUntilRead(ctx, escrowId, memory);
    const lateAt = giveUpAt(plan, escrow.deadline);
    for (let patience = 0; patience < PATIENT_LOOKS_MAX;) {
      const { status } = escrow;
      const left = lateAt - ctx.now();
      const step = nextStep(plan, { status, wanted: memory.wanted, isLate: left <= 0 });
      if (step === "end") return report(escrow);
      if (step === "wait") {
        if (left > 0 && status !== "disputed") {
          await wait(ctx, Math.min(left, durationMs(plan.every)), memory);
        } else {
          await ctx.sleep(patience === 0 ? "1m" : "1h");
          patience += 1;
        }
        escrow = await lookUntilRead(ctx, escrowId, memory);
      } else {
        escrow = await act(ctx, step, escrowId, memory);
      }
    }
    ctx.log.error("Nobody has ended the escrow for three months.", { escrowId });
    return report(escrow);
  },
});

function listen(ctx: Context, memory: Memory): void {
  ctx.onSignal("confirm", () => {
    memory.wanted ??= "release";
  });
  ctx.onSignal("dispute", ({ reason }) => {
    if (memory.wanted === undefined) memory.reason = reason;
    memory.wanted ??= "dispute";
  });
  ctx.onQuery("progress", () => ({
    escrowId: memory.escrow?.escrowId ?? null,
    status: memory.escrow?.status ?? "new",
    wanted: memory.wanted ?? null,
    looks: memory.looks,
    missed: memory.missed,
  }));
}

async function lock(ctx: Context, plan: EscrowPlan): Promise<string> {
  const { to, amountUsd, condition, referrer } = plan;
  const options = { key: "lock", ref: `${ctx.info.id}/lock` };
  const common = { amountUsd, referrer, timeoutHours: timeoutHours(plan) };
  const { escrowId } =
    plan.as === "job"
      ? await ctx.call(postJob, { worker: to, spec: condition, ...common }, options)
      : await ctx.call(createEscrow, { to, condition, ...common }, options);
  return escrowId;
}

/** Until the next look; a signal ends it early. */
async function wait(ctx: Context, ms: number, memory: Memory): Promise<void> {
  const { wanted } = memory;
  await ctx.until(() => memory.wanted !== wanted, ms);
}

/** A venue that is away must not end the run: the money is still there. */
async function lookUntilRead(ctx: Context, escrowId: string, memory: Memory): Promise<Escrow> {
  for (;;) {
    const read = await ctx.try(getEscrow, { escrowId });
    if (read.ok) {
      memory.looks += 1;
      memory.escrow = read.value;
      return read.value;
    }
    memory.missed += 1;
    ctx.log.error("Cannot read the escrow: its money stays where it is.", {
      escrowId,
      code: read.failure.code,
      reason: read.failure.message,
    });
    await ctx.sleep("10m");
  }
}

/** Releases or disputes it, once. Where it has changed meanwhile, what it is now counts. */
async function act(
  ctx: Context,
  step: "release" | "dispute",
  escrowId: string,
  memory: Memory,
): Promise<Escrow> {
  const options = { key: step, ref: `${ctx.info.id}/${step}` };
  try {
    memory.escrow =
      step === "release"
        ? await ctx.call(releaseEscrow, { escrowId }, options)
        : await ctx.call(disputeEscrow, { escrowId, reason: memory.reason }, options);
    return memory.escrow;
  } catch (error) {
    if (!EscrowState.is(error)) throw error;
    const escrow = await lookUntilRead(ctx, escrowId, memory);
    ctx.log.warn("The escrow had changed already.", { escrowId, status: escrow.status });
    // Refused although nothing has changed: asking again would be refused again.
    if (escrow.status === "locked" || escrow.status === "completed") throw error;
    return escrow;
  }
}

function report(escrow: Escrow): z.input<typeof Report> {
  const { escrowId, jobId, status, endedBy, net, fee, referral, refunded } = escrow;
  const isKept = endedBy === null;
  const nothing = 0n as Usdc;
  return {
    escrowId,
    jobId,
    status,
    endedBy,
    paid: isKept ? nothing : net,
    fee: isKept ? nothing : fee,
    referral: isKept ? nothing : referral,
    refunded,
  };
}
