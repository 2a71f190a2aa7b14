// What happens where a book is opened: counters follow the policy.

import type { GuardPolicy } from "@holdfast/core";
import { meta, setMeta } from "./admit.ts";
import { audit, auditHead } from "./audit.ts";
import { forgetCounters, recount } from "./effect.ts";
import { GUARD } from "./modes.ts";
import type { Steps } from "./steps.ts";

/** Takes up a policy: where it is another one than the last, that is written down and all is counted anew. */
export function* openBook(policy: GuardPolicy | undefined, clock: number): Steps<void> {
  const head = yield* auditHead();
  const now = Math.max(clock, head.at);
  const digest = policy?.digest ?? "none";
  const before = yield* meta("policy");
  if (before === digest || (before === undefined && policy === undefined)) {
    yield* forgetCounters(now);
    return;
  }
  yield* recount(policy?.trackers ?? [], now);
  yield* setMeta("policy", digest);
  const detail = JSON.stringify({
    from: before ?? "none",
    to: digest,
    version: policy?.version ?? 0,
  });
  yield* audit(
    [{ at: now, action: "policy changed", actor: GUARD, reason: "", subject: "project", detail }],
    head,
  );
}
