// The guard over a store of intents: the desk where people ask, and what has changed since somebody last looked.

import type { GuardPolicy, GuardRequest, ModeNews, StoreGuard } from "@holdfast/core";
import {
  type DeskHost,
  GuardDesk,
  type Steps,
  assess,
  auditHead,
  modeNews,
  openShared,
} from "@holdfast/guard";

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
  return { ...(yield* modeNews(before)), nextAt };
}
