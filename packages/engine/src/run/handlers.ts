// The messages of one run: its handlers, the signals that wait for one, and how many are being handled. A
// query or a validator only looks; it may give no commands.

import {
  type CarriedSignal,
  type Encoded,
  type Fact,
  type Failure,
  HoldfastError,
  UPDATES_MAX,
  UPDATES_PENDING_MAX,
  type UpdateHandler,
  type Workflow,
  decode,
  encode,
  toFailure,
} from "@holdfast/core";
import { LazyMap } from "./lazy-map.ts";

type UpdateFact = Fact & { readonly kind: "update" };
type AnyUpdateHandler = UpdateHandler<unknown, unknown>;

export class Handlers {
  readonly #workflow: Workflow;
  readonly #id: string;
  readonly #signals = new LazyMap<string, (payload: unknown) => unknown>();
  readonly #queries = new LazyMap<string, () => unknown>();
  readonly #updates = new LazyMap<string, AnyUpdateHandler>();
  #buffered: CarriedSignal[] = [];
  /** Handlers that have begun and not ended. */
  running = 0;
  /** Updates accepted and not answered yet. */
  readonly unanswered = new Set<string>();
  /** Updates accepted so far. */
  accepted = 0;
  /** True while a query handler or a validator looks. */
  looking = false;

  constructor(workflow: Workflow, id: string) {
    this.#workflow = workflow;
    this.#id = id;
  }

  /** Signals that no handler has taken yet. */
  get buffered(): readonly CarriedSignal[] {
    return this.#buffered;
  }

  /** True when a message can still set code going. */
  get canWake(): boolean {
    return this.#signals.size > 0 || this.#updates.size > 0;
  }

  buffer(signal: CarriedSignal): void {
    this.#buffered.push(signal);
  }

  signal(name: string): ((payload: unknown) => unknown) | undefined {
    return this.#signals.get(name);
  }

  update(name: string): AnyUpdateHandler | undefined {
    return this.#updates.get(name);
  }

  /** Registers a handler; gives the signals that waited for it. */
  onSignal(name: string, handler: (payload: unknown) => unknown): readonly CarriedSignal[] {
    this.#requireDeclared(this.#workflow.signals, name, "signal");
    this.#signals.set(name, handler);
    const waiting = this.#buffered.filter((signal) => signal.name === name);
    if (waiting.length > 0)
      this.#buffered = this.#buffered.filter((signal) => signal.name !== name);
    return waiting;
  }

  onQuery(name: string, handler: () => unknown): void {
    this.#requireDeclared(this.#workflow.queries, name, "query");
    this.#queries.set(name, handler);
  }

  onUpdate(name: string, handler: AnyUpdateHandler): void {
    this.#requireDeclared(this.#workflow.updates, name, "update");
    this.#updates.set(name, handler);
  }

  answer(query: string): Encoded {
    const handler = this.#queries.get(query);
    if (handler === undefined) {
      const known = [...this.#queries.keys()];
      throw refused(
        "HF-QUERY-UNKNOWN",
        `Cannot query "${query}" of run "${this.#id}": ${known.length === 0 ? "it answers no queries" : `it answers ${known.join(", ")}`}.`,
      );
    }
    return this.#look(() => encode(handler()));
  }

  /** Why an update is not accepted; undefined where it is. */
  refusal(update: UpdateFact, ending: boolean): Failure | undefined {
    const what = `update "${update.name}" of run "${this.#id}"`;
    if (ending) return toFailure(refused("HF-RUN-CLOSED", `Cannot ${what}: it is ending.`));
    if (this.unanswered.size >= UPDATES_PENDING_MAX) {
      const why = `${UPDATES_PENDING_MAX} updates are being answered already`;
      return toFailure(tooManyUpdates(`Cannot ${what}: ${why}. Send it again later.`));
    }
    if (this.accepted >= UPDATES_MAX) {
      const way = "Let it continue as new, and send it again";
      return toFailure(tooManyUpdates(`Cannot ${what}: it has taken ${UPDATES_MAX}. ${way}.`));
    }
    const handler = this.#updates.get(update.name);
    if (handler === undefined) {
      return toFailure(
        refused(
          "HF-UPDATE-UNHANDLED",
          `Cannot ${what}: its code has no handler for it at this point. Send it again later.`,
          "retry",
        ),
      );
    }
    const { validate } = handler;
    if (validate === undefined) return undefined;
    try {
      this.#look(() => {
        validate(decode(update.input));
      });
      return undefined;
    } catch (error) {
      const { code, message, details } = toFailure(error);
      const named = code === "HF-USER-ERROR" ? "HF-UPDATE-REFUSED" : code;
      return { ...toFailure(refused(named, message)), details };
    }
  }

  #look<Value>(body: () => Value): Value {
    this.looking = true;
    try {
      return body();
    } finally {
      this.looking = false;
    }
  }

  #requireDeclared(schemas: Readonly<Record<string, unknown>>, name: string, what: string): void {
    if (Object.hasOwn(schemas, name)) return;
    throw new HoldfastError(
      "HF-MESSAGE-UNKNOWN",
      `Cannot handle ${what} "${name}": workflow "${this.#workflow.name}" does not declare it.`,
    );
  }
}

function refused(
  code: string,
  message: string,
  disposition: "refused" | "retry" = "refused",
): HoldfastError {
  return new HoldfastError(code, message, { class: "data", disposition, outcome: "not-sent" });
}

function tooManyUpdates(message: string): HoldfastError {
  return new HoldfastError("HF-UPDATE-LIMIT", message, {
    class: "resource",
    disposition: "retry",
    outcome: "not-sent",
  });
}
