// The guard over a store of intents: the desk where people ask, and what has changed since somebody last looked.

import {
  type ApprovalAnswer,
  type ApprovalRow,
  type GuardPolicy,
  type GuardRequest,
  type ModeNews,
  type StoreGuard,
  toFailure,
} from "@holdfast/core";
import { deniedBy } from "@holdfast/core/internal";
import {
  type DeskHost,
  GUARD,
  GuardDesk,
  type Steps,
  UNANSWERED,
  assess,
  auditHead,
  checkAnswer,
  decideApproval,
  findApproval,
  findEffect,
  modeNews,
  nextExpiry,
  openShared,
} from "@holdfast/guard";
import { settling } from "./guarded.ts";

/** Carries out procedures, each in a transaction of its own. */
export interface Transactions {
  /** An error of the procedure leaves nothing of it, and is thrown on as it is. */
  write<Result>(steps: () => Steps<Result>): Promise<Result>;
}

/** Takes up a policy. */
export async function openGuard(
  transactions: Transactions,
  { policy, now }: GuardRequest,
): Promise<StoreGuard> {
  await transactions.write(() => openShared(policy, now()));
  return new Desk({
    policy,
    now,
    // What is read of several tables is of one instant.
    read: (steps) => transactions.write(steps),
    ask: ({ steps }) => transactions.write(steps),
    // That its time is over only `news` says.
    answer: ({ id, approved, actor, reason }) =>
      transactions.write(() => answering(policy, { id, approved, actor, reason }, now())),
  });
}

class Desk extends GuardDesk implements StoreGuard {
  readonly #host: DeskHost;

  constructor(host: DeskHost) {
    super(host);
    this.#host = host;
  }

  news(after?: number): Promise<ModeNews> {
    return this.#host.ask({ steps: () => newsSince(this.#host.policy, after, this.#host.now()) });
  }
}

function* newsSince(
  policy: GuardPolicy | undefined,
  after: number | undefined,
  now: number,
): Steps<ModeNews> {
  const before = after ?? (yield* auditHead()).position;
  const { nextAt } = yield* assess(policy, now);
  const expired: ApprovalRow[] = [];
  let expiry = yield* nextExpiry();
  while (expiry !== undefined && expiry.expiresAt <= now) {
    expired.push(yield* answering(policy, { id: expiry.id, ...UNHEARD }, now));
    expiry = yield* nextExpiry();
  }
  const instants = [nextAt, expiry?.expiresAt].filter((at) => at !== undefined);
  return {
    ...(yield* modeNews(before)),
    expired,
    nextAt: instants.length === 0 ? undefined : Math.min(...instants),
  };
}

const UNHEARD = { approved: false, isExpired: true, actor: GUARD, reason: UNANSWERED } as const;

/** A person's answer, or the end of its time: no is the end of the effect, and frees what it had reserved. */
function* answering(
  policy: GuardPolicy | undefined,
  answer: ApprovalAnswer & { readonly isExpired?: boolean },
  now: number,
): Steps<ApprovalRow> {
  const { id, approved, actor, reason, isExpired = false } = answer;
  const bySamePerson = policy?.approval?.bySamePerson ?? false;
  const asked = checkAnswer(yield* findApproval(id), answer, { bySamePerson, now });
  yield* decideApproval(asked, answer, now);
  if (!approved) {
    const check = isExpired ? "EXPIRED" : "REJECTED";
    const note = isExpired ? UNANSWERED : `${actor}: ${reason} (${id})`;
    const operation = (yield* findEffect(asked.key))?.command.operation ?? "";
    const failure = toFailure(deniedBy({ check, note }, { ref: asked.ref, operation }));
    yield* settling(policy, asked.key, { state: "refused", failure }, now);
  }
  return (yield* findApproval(id)) ?? asked;
}
