// What the venue saw of the agent: every request, which of them its faults hit, and the names that writes carried.
// It counts at the venue and nowhere else.

import type { FaultRequest, RequestRule } from "@holdfast/sandbox";
import type { DecidedCall } from "../verify/outcome.ts";

/** What makes a call fail. Latency and bad prices do not: they are counted beside it. */
const FAILING: ReadonlySet<RequestRule["kind"]> = new Set([
  "status",
  "throttle",
  "drop",
  "outage",
  "reset",
  "truncate",
  "defer",
  "reject",
]);

export class Counts {
  /** Requests that came. */
  calls = 0;
  /** Those of them that were made to fail. */
  injections = 0;
  #isOver = false;
  readonly #kinds = new Map<string, number>();
  readonly #named = new Set<string>();

  readonly note = (request: FaultRequest, struck: readonly RequestRule[]): void => {
    if (request.method === "POST") {
      if (request.key !== undefined) this.#named.add(`key ${request.key}`);
      for (const name of namesIn(request.ref)) this.#named.add(`ref ${name}`);
    }
    if (this.#isOver) return;
    this.calls += 1;
    // Of several that would fail a request, the first does.
    const failing = struck.find(({ kind }) => FAILING.has(kind));
    if (failing !== undefined) this.injections += 1;
    for (const rule of struck) {
      if (FAILING.has(rule.kind) && rule !== failing) continue;
      const label = labelOf(rule);
      this.#kinds.set(label, (this.#kinds.get(label) ?? 0) + 1);
    }
  };

  /** The time is over: from now on it only remembers names. */
  stop(): void {
    this.#isOver = true;
  }

  /** How often each kind of fault hit, by its name: "status 503", "drop after". */
  get kinds(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#kinds].toSorted(([a], [b]) => a.localeCompare(b)));
  }

  /** Whether a write came that is of this call. */
  has({ key, ref }: Pick<DecidedCall, "key" | "ref">): boolean {
    return this.#named.has(`key ${key}`) || this.#named.has(`ref ${ref}`);
  }
}

/** The name of a decision, also where a part of it was sent. */
function namesIn(ref: string | undefined): readonly string[] {
  if (ref === undefined) return [];
  const end = ref.lastIndexOf("/");
  return end < 0 ? [ref] : [ref, ref.slice(0, end)];
}

function labelOf(rule: RequestRule): string {
  switch (rule.kind) {
    case "status":
      return `status ${rule.status}`;
    case "drop":
      return `drop ${rule.when}`;
    default:
      return rule.kind;
  }
}
