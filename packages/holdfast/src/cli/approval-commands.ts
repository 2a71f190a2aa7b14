// `approvals`, `approve`, `reject`: a person's word on exactly one command.

import { userInfo } from "node:os";
import type { PlainApproval } from "../control/guard-plain.ts";
import { clean } from "../terminal/text.ts";
import { sayApprovals } from "./guard-command.ts";
import { say, sayJson } from "./print.ts";
import { type Common, connect, connectToLook } from "./running.ts";

export interface ApprovalsOptions extends Common {
  readonly show: string;
  readonly limit?: number;
}

export interface AnswerOptions extends Common {
  readonly reason: string;
  readonly actor?: string;
}

export async function approvalsCommand(options: ApprovalsOptions): Promise<void> {
  const { show, limit, json } = options;
  const control = await connectToLook(options);
  const { approvals } = (await control.get("/api/approvals", {
    state: show === "all" ? undefined : show,
    limit: limit === undefined ? undefined : String(limit),
  })) as unknown as { readonly approvals: readonly PlainApproval[] };
  if (json === true) sayJson({ approvals });
  else if (approvals.length === 0) say(show === "asked" ? "Nobody waits for an answer." : "None.");
  else sayApprovals(approvals);
}

/** @throws HF-APPROVAL-UNKNOWN, HF-APPROVAL-DECIDED, HF-APPROVAL-OWN, HF-NOT-RUNNING */
export async function answerCommand(
  word: "approve" | "reject",
  id: string,
  options: AnswerOptions,
): Promise<void> {
  const { reason, actor = userInfo().username, json } = options;
  const path = `/api/approvals/${encodeURIComponent(id)}`;
  const approved = word === "approve";
  const { approval } = (await connect(options).post(path, { approved, reason, actor })) as {
    readonly approval: PlainApproval;
  };
  if (json === true) sayJson(approval);
  else {
    const { command, ref } = approval;
    const done = approved ? "Approved" : "Rejected";
    say(clean(`${done} ${ref}: ${command.operation}, at most ${command.amount} USDC.`));
  }
}
