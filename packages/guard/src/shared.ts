// A book that several processes share. For a while they may have different policies: what one of them counts, all
// count, and whoever has an older policy, or none beside those that have one, decides nothing.

import type { GuardPolicy } from "@holdfast/core";
import type { Tracker } from "@holdfast/core/internal";
import { type Admission, type Asked, admit, deny, meta, setMeta } from "./admit.ts";
import { audit, auditHead } from "./audit.ts";
import { type Counting, findEffect, forgetCounters, recount } from "./effect.ts";
import { GUARD } from "./modes.ts";
import { type Steps, first } from "./steps.ts";

/**
 * Takes up a policy beside others. Counters that another one needs are kept: its process may still decide. One that
 * is older than what has decided already changes nothing.
 */
export function* openShared(policy: GuardPolicy | undefined, clock: number): Steps<void> {
  if (policy === undefined) return;
  const head = yield* auditHead();
  const now = Math.max(clock, head.at);
  if (policy.version < Number((yield* meta("version")) ?? 0)) return;
  const before = yield* meta("policy");
  if (before === policy.digest) {
    yield* forgetCounters(now);
    return;
  }
  const kept = yield* bookTrackers();
  const trackers = joined(kept, policy.trackers);
  if (before === undefined || trackers.length > kept.length) {
    yield* setMeta("trackers", JSON.stringify(trackers));
    yield* recount(trackers, now);
  }
  yield* setMeta("policy", policy.digest);
  const detail = JSON.stringify({
    from: before ?? "none",
    to: policy.digest,
    version: policy.version,
  });
  yield* audit(
    [{ at: now, action: "policy changed", actor: GUARD, reason: "", subject: "project", detail }],
    head,
  );
}

/** Judges an effect as one of several processes. */
export function* admitShared(
  policy: GuardPolicy | undefined,
  asked: Asked,
  clock: number,
): Steps<Admission> {
  if (policy !== undefined)
    return yield* admit({ ...policy, trackers: yield* bookTrackers() }, asked, clock);
  if (!(yield* isGuarded())) return { kind: "admitted" };
  const known = yield* findEffect(asked.key);
  const isFenced = (yield* meta("policy")) !== undefined;
  // What was let through before by a process that has a policy stays so.
  const isNew = known === undefined || known.state === "void" || known.state === "denied";
  if (!isFenced || !isNew) return yield* admit(undefined, asked, clock);
  const head = yield* auditHead();
  const note = `this process has no guard, and version ${(yield* meta("version")) ?? "1"} decides already`;
  return yield* deny(asked, { check: "VERSION_FENCED", note }, head, Math.max(clock, head.at));
}

/** Whether anything bounds effects here: a mode, or another process's policy. */
export function* isGuarded(): Steps<boolean> {
  const found = yield* first(
    `SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM guard_mode)
       OR EXISTS (SELECT 1 FROM guard_meta WHERE name = 'policy')`,
  );
  return found !== undefined;
}

/** The counters that all keep. */
export function* counting(): Steps<Counting> {
  return { trackers: yield* bookTrackers() };
}

function* bookTrackers(): Steps<readonly Tracker[]> {
  const found = yield* meta("trackers");
  return found === undefined ? [] : (JSON.parse(found) as readonly Tracker[]);
}

function joined(kept: readonly Tracker[], own: readonly Tracker[]): readonly Tracker[] {
  const isKept = (one: Tracker): boolean =>
    kept.some(({ per, span }) => per === one.per && span === one.span);
  return [...kept, ...own.filter((one) => !isKept(one))];
}
