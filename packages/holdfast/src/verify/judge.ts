// Judges what a run with a mishap came to, beside the clean run: what happened twice, what is missing, what
// names no decision, how it ended. Pure. It counts at the venue's ledger, never what the agent says.

import type { Effect } from "@holdfast/sandbox";
import type { DecidedCall, Outcome } from "./outcome.ts";

/** What is wrong. Differences of outputs are told, and no violation by themselves. */
export type Fault = "doubled" | "lost" | "mistaken" | "outside" | "ended" | "problem" | "output";

export interface Finding {
  readonly fault: Fault;
  /** The business name concerned. */
  readonly ref: string | undefined;
  readonly message: string;
  /** The effects that show it, as the venue's ledger has them. */
  readonly effects: readonly Effect[];
}

/** What was decided, and what happened. */
export type Books = Pick<Outcome, "calls" | "effects">;

/** What is wrong with the clean run itself. */
export function judgeClean(clean: Outcome): readonly Finding[] {
  return [...problemOf(clean), ...outside(clean), ...doubled(clean, clean), ...swallowed(clean)];
}

/** What is wrong with a run that met a mishap. */
export function judge(clean: Outcome, found: Outcome): readonly Finding[] {
  const problems = found.problem?.code === clean.problem?.code ? [] : problemOf(found);
  return [
    ...problems,
    ...doubled(clean, found),
    ...lost(clean, found),
    ...(problems.length === 0 ? ended(clean, found) : []),
  ];
}

function problemOf({ problem }: Outcome): readonly Finding[] {
  if (problem === undefined) return [];
  const message = `${problem.code}: ${problem.message}`;
  return [{ fault: "problem", ref: undefined, message, effects: [] }];
}

/** Effects by their names: the ref of the decision, or what else tells them apart. */
interface Named {
  readonly name: string;
  readonly effects: Effect[];
  /** How many there may be: one for each call that was decided under the name. */
  readonly allowed: number | undefined;
}

function byName({ calls, effects }: Books): ReadonlyMap<string, Named> {
  const names = new Map<string, Named>();
  const known = callsByName(calls);
  for (const effect of effects) {
    const call = known.of(effect);
    const name = effect.ref ?? call?.ref ?? `${effect.operation} of ${effect.amountMicros}`;
    const allowed = call === undefined ? undefined : known.decided(call.ref);
    const named = names.get(name) ?? { name, effects: [], allowed };
    named.effects.push(effect);
    names.set(name, named);
  }
  return names;
}

export function doubled(clean: Books, found: Books): readonly Finding[] {
  const before = byName(clean);
  return [...byName(found).values()].flatMap(({ name, effects, allowed }): readonly Finding[] => {
    // Of what has no name at all, the clean run alone says how often it belongs.
    const usual = effects[0]?.ref === null ? before.get(name)?.effects.length : 1;
    const most = allowed ?? usual ?? 1;
    if (effects.length <= most) return [];
    const decided = allowed === undefined ? "no call decided it" : `it was decided ${times(most)}`;
    const message = `"${name}" happened ${times(effects.length)}; ${decided}.`;
    return [{ fault: "doubled", ref: name, message, effects }];
  });
}

function lost(clean: Outcome, found: Outcome): readonly Finding[] {
  const now = byName(found);
  return [...byName(clean).values()].flatMap(({ name, effects }): readonly Finding[] => {
    const there = now.get(name)?.effects ?? [];
    if (there.length >= effects.length) return [];
    const call = found.calls.find(({ ref }) => ref === name);
    const said =
      call === undefined
        ? "this run never decided it"
        : `the journal of this run says ${call.state}`;
    const message = `"${name}" is missing at the venue: it happened ${times(effects.length)} in the clean run, and ${said}.`;
    return [{ fault: "lost", ref: name, message, effects: [...effects, ...there] }];
  });
}

/** Two decisions under one key: the venue took the second for a repetition of the first. */
function swallowed({ calls, effects }: Outcome): readonly Finding[] {
  const repeated = effects.filter(({ replays }) => replays > 0);
  if (repeated.length === 0) return [];
  const known = callsByName(calls);
  const shown = new Set(effects.map((effect) => known.of(effect)?.ref));
  return calls
    .filter(({ state, ref }) => state === "done" && !shown.has(ref))
    .map(({ ref }) => ({
      fault: "lost",
      ref,
      message: `"${ref}" is done by its journal and missing at the venue, which took a request for a repetition of another: two decisions share a key.`,
      effects: repeated.slice(0, 2),
    }));
}

export function outside({ calls, effects }: Books): readonly Finding[] {
  const known = callsByName(calls);
  const found = effects.filter((effect) => known.of(effect) === undefined);
  if (found.length === 0) return [];
  const message = `${found.length} of ${effects.length} effects carry neither key nor ref of a call: they were made outside an activity, or under a name of their own, and nothing can be proven of them.`;
  return [{ fault: "outside", ref: undefined, message, effects: found.slice(0, 2) }];
}

function ended(clean: Outcome, found: Outcome): readonly Finding[] {
  const finding = (fault: Fault, message: string): readonly Finding[] => [
    { fault, ref: undefined, message, effects: [] },
  ];
  // A run that goes on for ever may be a little further.
  const endless = clean.status === "running" && found.status === "completed";
  if (clean.status !== found.status && !endless) {
    const why = found.failure === undefined ? "" : ` ${found.failure.message}`;
    return finding("ended", `The run is ${found.status}; the clean run is ${clean.status}.${why}`);
  }
  if (clean.output === found.output && clean.failure?.code === found.failure?.code) return [];
  return finding(
    "output",
    `The run ended with ${told(found)}; the clean run with ${told(clean)}. Time and prices may explain it.`,
  );
}

function told({ output, failure }: Outcome): string {
  return failure?.code ?? output ?? "no output";
}

interface Index {
  /** The call that an effect belongs to: by its ref, that of a part of it, or its key. */
  readonly of: (effect: Effect) => DecidedCall | undefined;
  /** How many decisions a ref stands for: calls that may have had an effect, each with a key of its own. */
  readonly decided: (ref: string) => number;
}

export function callsByName(calls: readonly DecidedCall[]): Index {
  const refs = new Map<string, DecidedCall>();
  const keys = new Map<string, DecidedCall>();
  const decided = new Map<string, Set<string>>();
  for (const call of calls) {
    refs.set(call.ref, call);
    keys.set(call.key, call);
    if (call.state === "failed") continue;
    decided.set(call.ref, (decided.get(call.ref) ?? new Set()).add(call.key));
  }
  return {
    of({ ref, key }) {
      const whole = ref === null ? undefined : refs.get(ref);
      const part = ref === null ? undefined : refs.get(ref.slice(0, ref.lastIndexOf("/")));
      return whole ?? part ?? (key === null ? undefined : keys.get(key));
    },
    decided: (ref) => decided.get(ref)?.size ?? 1,
  };
}

export function times(count: number): string {
  return ["never", "once", "twice"][count] ?? `${count} times`;
}
