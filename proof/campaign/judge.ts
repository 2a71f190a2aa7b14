// Judges by the venue's ledger: each decision that was stated beforehand has one effect, whatever happened. Pure.

/** As much of an effect at the venue as is judged. */
export interface Seen {
  readonly ref: string | null;
  readonly key: string | null;
  readonly operation: string;
}

/** As much of what the engine recorded of a decided effect as is judged. */
export interface Intended {
  readonly key: string;
  readonly ref: string;
  readonly state: string;
}

export interface Evidence {
  /** Names of all decisions, stated beforehand. */
  readonly expected: Iterable<string>;
  readonly effects: readonly Seen[];
  readonly intents: readonly Intended[];
  /** Names that the runs say the venue refused, or that were too late. */
  readonly given: { readonly refused: readonly string[]; readonly late: readonly string[] };
}

export interface Judgement {
  readonly expected: number;
  readonly effects: number;
  readonly doubled: number;
  readonly lost: number;
  readonly foreign: number;
  readonly unresolved: number;
  readonly problems: readonly string[];
}

/** Between the name of a decision and the number of its repetition, where it was refused and decided anew. */
export const ANEW = "~";
/** Examples of what is wrong that are told. */
const TOLD_MAX = 5;

/** The decision that a name stands for. */
export function decisionOf(ref: string): string {
  return ref.split(ANEW, 1)[0] ?? ref;
}

export function judge({ expected, effects, intents, given }: Evidence): Judgement {
  const problems: string[] = [];
  const found = new Map<string, number>();
  for (const decision of expected) found.set(decision, 0);
  const keys = new Map(intents.map(({ key, ref }) => [key, ref]));
  const unknown: string[] = [];
  for (const { ref, key } of effects) {
    const decision = ref === null ? undefined : decisionOf(ref);
    const count = decision === undefined ? undefined : found.get(decision);
    if (decision === undefined || count === undefined) {
      unknown.push(`${ref ?? "no ref"}: nobody decided on it`);
      continue;
    }
    found.set(decision, count + 1);
    if (key === null || keys.get(key) !== ref)
      unknown.push(`${String(ref)}: no intent has its key`);
  }
  const counts = [...found];
  const doubled = counts.filter(([, count]) => count > 1);
  const lost = counts.filter(([, count]) => count === 0);
  const open = intents.filter(({ state }) => state !== "done" && state !== "refused");
  tell(
    problems,
    "doubled",
    doubled.map(([decision, count]) => `${decision} (${count} effects)`),
  );
  tell(
    problems,
    "lost",
    lost.map(([decision]) => decision),
  );
  tell(problems, "foreign", unknown);
  tell(
    problems,
    "unresolved",
    open.map(({ ref, state }) => `${ref} is ${state}`),
  );
  tell(problems, "untrue", untrue(effects, intents, given));
  return {
    expected: found.size,
    effects: effects.length,
    doubled: doubled.reduce((sum, [, count]) => sum + count - 1, 0),
    lost: lost.length,
    foreign: unknown.length,
    unresolved: open.length,
    problems,
  };
}

/** What the runs or the engine say and the ledger does not. */
function untrue(
  effects: readonly Seen[],
  intents: readonly Intended[],
  { refused, late }: Evidence["given"],
): readonly string[] {
  const seen = new Set(effects.map(({ ref }) => ref));
  const notDone = new Set([...refused, ...late]);
  return [
    ...[...notDone].filter((ref) => seen.has(ref)).map((ref) => `${ref} is said to be refused`),
    ...intents
      .filter(({ ref, state }) => (state === "done") !== seen.has(ref))
      .map(({ ref, state }) => `${ref} is ${state} in the journal`),
    ...intents
      .filter(({ ref, state }) => state === "refused" && !notDone.has(ref))
      .map(({ ref }) => `${ref} is refused, and no run says so`),
  ];
}

function tell(problems: string[], what: string, cases: readonly string[]): void {
  if (cases.length === 0) return;
  const more = cases.length > TOLD_MAX ? `, and ${cases.length - TOLD_MAX} more` : "";
  problems.push(`${what}: ${cases.slice(0, TOLD_MAX).join("; ")}${more}`);
}
