// The audit: counts effects per business name. A venue that honours keys can never show two effects under one
// key, so the bug to fear is a second key for one decision: that is why callers name their decisions (`ref`).

import type { AuditFilter, EffectCounts } from "../store/audit-query.ts";
import type { Invariant } from "../store/invariant-query.ts";
import type { Store } from "../store/store.ts";

export interface Audit {
  /** The venue's instance id. */
  readonly venue: string;
  /** Different business names with an effect. */
  readonly refs: number;
  /** Committed writes that changed something and carry a business name. */
  readonly effects: number;
  /** `effects` minus `refs`: effects beyond the first of their business name: must be zero. */
  readonly duplicateEffects: number;
  /** Effects without a business name: nothing can be said about them. */
  readonly unnamed: number;
  /** Effects sent without a key: their repetition would act again. */
  readonly keyless: number;
  /** Repetitions that were answered from memory. */
  readonly replays: number;
  /** At most 100, those with the most effects first. */
  readonly refsWithMoreThanOneEffect: readonly RepeatedRef[];
  readonly keysWithMoreThanOneEffect: readonly RepeatedKey[];
  /** Sum over all accounts in micro-USDC: "0". */
  readonly ledgerSum: string;
  readonly invariants: readonly Invariant[];
  /** At most 100 agents. */
  readonly byAgent: readonly AgentAudit[];
}

export interface RepeatedRef {
  /** Null for registrations, which nobody has signed. */
  readonly agent: string | null;
  readonly ref: string;
  readonly effects: number;
}

export interface RepeatedKey {
  readonly agent: string | null;
  readonly operation: string;
  readonly key: string;
  readonly effects: number;
}

export interface AgentAudit {
  readonly agent: string;
  /** Those with a business name. */
  readonly effects: number;
  readonly refs: number;
  readonly duplicateEffects: number;
  readonly unnamed: number;
}

/** At most so many names, keys and agents are listed. */
const LISTED_MAX = 100;

/** Ledger and invariants are always those of the whole venue; everything else follows the filter. */
export function audit(store: Store, venue: string, filter: AuditFilter): Audit {
  const query = store.audit;
  const counts = query.counts(filter);
  return {
    venue,
    refs: counts.refs,
    effects: counts.named,
    duplicateEffects: duplicates(counts),
    unnamed: counts.effects - counts.named,
    keyless: counts.keyless,
    replays: query.replays(filter),
    refsWithMoreThanOneEffect: query
      .repeatedRefs(filter, LISTED_MAX)
      .map(({ agent, name, effects }) => ({ agent, ref: name, effects })),
    keysWithMoreThanOneEffect: query
      .repeatedKeys(filter, LISTED_MAX)
      .map(({ agent, operation, name, effects }) => {
        return { agent, operation: operation ?? "", key: name, effects };
      }),
    ledgerSum: store.ledger.sum().toString(),
    invariants: store.checkInvariants(),
    byAgent: query.byAgent(filter, LISTED_MAX).map((one) => ({
      agent: one.agent,
      effects: one.named,
      refs: one.refs,
      duplicateEffects: duplicates(one),
      unnamed: one.effects - one.named,
    })),
  };
}

/** True when nothing happened twice and everything adds up. */
export function isClean({ duplicateEffects, invariants, ledgerSum }: Audit): boolean {
  return duplicateEffects === 0 && ledgerSum === "0" && invariants.every(({ holds }) => holds);
}

function duplicates({ named, refs }: EffectCounts): number {
  return named - refs;
}
