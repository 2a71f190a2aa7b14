// What there is to go wrong: for each kind of fault what it is about, what it does and what it proves. Pages,
// the command line and the checks of rules read it from here.

/** What a kind strikes: a request on its way, a commit, an event about to be delivered, a stream's connection. */
export type Scope = "request" | "commit" | "delivery" | "connection";

/** Requests that a kind is about: all, all writes, or these operations. */
export type About = "all" | "writes" | readonly string[];

export interface KindFacts {
  readonly scope: Scope;
  readonly about: About;
  /** Its own parameters, as they are written in a rule. */
  readonly parameters: readonly string[];
  readonly does: string;
  readonly proves: string;
}

/** Reads of market data. */
export const MARKET_READS = ["prices", "candles"] as const;
/** Writes that fill at once. */
export const FILLING = ["open", "place-order"] as const;
/** Writes that a venue may refuse by its own will. */
export const REJECTABLE = ["open", "close", "close-all", "place-order", "cancel-order"] as const;

function request(
  about: About,
  parameters: readonly string[],
  does: string,
  proves: string,
): KindFacts {
  return { scope: "request", about, parameters, does, proves };
}

function delivery(parameters: readonly string[], does: string, proves: string): KindFacts {
  return { scope: "delivery", about: "all", parameters, does, proves };
}

function connection(parameters: readonly string[], does: string, proves: string): KindFacts {
  return { scope: "connection", about: "all", parameters, does, proves };
}

export const FAULT_KINDS = {
  latency: request(
    "all",
    ["ms", "when"],
    "carries the request out, or answers it, so much later",
    "a time-out is retried safely",
  ),
  status: request(
    "all",
    ["status", "when"],
    "answers with a 5xx, before or after the commit",
    "a 5xx of a write is an unknown outcome",
  ),
  throttle: request(
    "all",
    ["retryAfterSeconds"],
    "answers 429, with or without Retry-After; nothing is carried out",
    "the caller waits, and as long as it is told",
  ),
  drop: request(
    "all",
    ["when"],
    "cuts the connection, before or after the commit",
    "a lost answer leaves exactly one effect",
  ),
  outage: request("all", [], "cuts every connection at once", "a breaker opens and closes again"),
  reset: request(
    "all",
    ["share"],
    "cuts the connection in the middle of the answer's body",
    "half an answer is an unknown outcome, not a failure",
  ),
  truncate: request(
    "all",
    ["share"],
    "answers with JSON that breaks off, in a whole HTTP answer",
    "an unreadable answer is an unknown outcome, not a failure",
  ),
  skew: request(
    "all",
    ["ms"],
    "tells a time that is off by so much; the venue's own time stays right",
    "the caller notices the offset of its clock",
  ),
  defer: request(
    "writes",
    ["ms", "answer"],
    "gives up on the caller at once, and carries the write out so much later",
    "an order that fills after its time-out is found, not sent again",
  ),
  repeat: request(
    "writes",
    ["times"],
    "lets the same request arrive again, right behind itself",
    "a key makes a duplicate order one effect",
  ),
  "forget-keys": request(
    ["*writes", "idempotency"],
    ["ageMs"],
    "forgets keys that are older, before their 24 hours are over",
    "a caller never relies on a key that may have been forgotten",
  ),
  stale: request(
    MARKET_READS,
    ["since", "timestamp"],
    "lets prices and candles stand still since an instant",
    "nobody trades on old prices",
  ),
  nan: request(
    MARKET_READS,
    ["as", "symbol"],
    "sends a price that is not a number",
    "a signal without a price is skipped",
  ),
  spike: request(
    MARKET_READS,
    ["factor", "symbol"],
    "multiplies prices, for the reader only",
    "a price out of its band is not traded on",
  ),
  crossed: request(
    ["prices"],
    ["ppm", "symbol"],
    "shows a bid above the ask",
    "a book that is crossed is not traded on",
  ),
  partial: request(
    FILLING,
    ["share"],
    "fills only a share of what would fill at once",
    "a rest is looked after",
  ),
  reject: request(
    REJECTABLE,
    ["reason"],
    "refuses the order by the venue's own will",
    "a rejection ends an order and frees its money",
  ),
  "late-fill": request(
    ["cancel-order"],
    ["ms"],
    "confirms the cancelling, and fills the order later all the same",
    "an order that was cancelled is still reconciled",
  ),
  crash: {
    scope: "commit",
    about: "writes",
    parameters: [],
    does: "ends the venue's process right after a commit, before its answer",
    proves: "the venue keeps what it has committed",
  },
  "event-lose": delivery([], "never delivers an event", "reconciliation finds what was not told"),
  "event-duplicate": delivery(
    ["copies", "ms"],
    "delivers an event again",
    "an event is handled once",
  ),
  "event-delay": delivery(["ms"], "delivers an event later", "late events do no harm"),
  "event-reorder": delivery(
    ["behind", "ms"],
    "delivers an event behind some later ones",
    "the order of events is not relied on",
  ),
  "stream-close": connection(
    ["code", "reason"],
    "closes a connection",
    "a consumer comes back and goes on where it was",
  ),
  "stream-silence": connection(
    [],
    "keeps a connection open and sends nothing more, not even heartbeats",
    "a dead connection is noticed without an error",
  ),
  "stream-slow": connection(
    ["ms"],
    "reads and writes a connection so slowly that it falls behind",
    "a slow consumer is cut off and comes back",
  ),
  "stream-overflow": connection(
    ["keep"],
    "keeps only the newest events for replay",
    "a gap is told, and closed by reading",
  ),
} as const satisfies Readonly<Record<string, KindFacts>>;

export type FaultKind = keyof typeof FAULT_KINDS;

/** What a kind is about. */
export function factsOf(kind: FaultKind): KindFacts {
  return FAULT_KINDS[kind];
}

/** Whether a kind is about a request at all. */
export function isAbout(kind: FaultKind, operation: string, method: string): boolean {
  const { about } = factsOf(kind);
  if (about === "all") return true;
  if (about === "writes") return method === "POST";
  return about.includes(operation) || (about.includes("*writes") && method === "POST");
}
