// Carries writes out: takes the key's turn, lets faults strike before the commit, executes, lets faults strike
// after it, and answers in the way that the carrier of the key asks for.

import type { Executed } from "../command/executor.ts";
import type { Command, KeyCarrier, Sender } from "../command/command.ts";
import type { RequestRule } from "../fault/rule.ts";
import type { Venue } from "../venue.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { RawBody } from "./body.ts";
import type { Carried } from "./caller.ts";
import { type Exchange, cut, holdUntil } from "./exchange.ts";
import { IN_FLIGHT_WAIT_MS, type InFlight, type Turn } from "./in-flight.ts";
import { type Headers, ProblemError } from "./problem.ts";
import type { WriteRoute } from "./route.ts";
import { fateOf, keyTtlOf } from "./sender-fault.ts";
import { strike } from "./strike.ts";

export interface WriteRequest {
  readonly route: WriteRoute;
  readonly exchange: Exchange;
  readonly body: RawBody;
  readonly command: Command;
  readonly carried: Carried;
  readonly struck: readonly RequestRule[];
  /** Tells of an effect; true where the venue crashes of it. */
  readonly committed: () => boolean;
}

export async function serveWrite(
  venue: Venue,
  inFlight: InFlight,
  write: WriteRequest,
): Promise<Answer> {
  const { route, exchange, carried, struck } = write;
  // A registration is nobody's: its keys are shared by all who have none.
  const agent = route.operation === "register" ? "" : (exchange.caller?.id ?? "");
  const sender: Sender = {
    agent,
    ...carried,
    fate: fateOf(struck),
    keyTtlMs: keyTtlOf(struck),
  };
  const turn = await takeTurn(venue, inFlight, sender, write);
  if (turn === "closed") return cut(exchange);
  const deferred = struck.find((rule) => rule.kind === "defer");
  if (deferred !== undefined) {
    void carryOutLater(venue, write, sender, deferred.ms).finally(() => {
      turn.leave();
    });
    return deferred.answer === "cut" ? cut(exchange) : timedOut();
  }
  let executed: Executed | "crashed";
  try {
    const before = await strike(struck, "before", exchange, venue.clock);
    if (before !== undefined) return before;
    executed = await carryOut(venue, write, sender);
  } finally {
    turn.leave();
  }
  if (executed === "crashed") return cut(exchange);
  const after = await strike(struck, "after", exchange, venue.clock);
  return after ?? answer(executed, write);
}

/** Carries a write out, as often as it arrives; its answer is that of the first time. */
async function carryOut(
  venue: Venue,
  write: WriteRequest,
  sender: Sender,
): Promise<Executed | "crashed"> {
  const { command, struck, committed } = write;
  const arrivals = struck.reduce(
    (sum, rule) => (rule.kind === "repeat" ? sum + rule.times : sum),
    1,
  );
  let first: Executed | undefined;
  for (let arrival = 0; arrival < arrivals; arrival += 1) {
    const executed = await venue.submit(command, sender);
    first ??= executed;
    const isEffect = executed.status < 400 && !executed.replayed;
    if (isEffect && committed()) return "crashed";
  }
  return first ?? venue.submit(command, sender);
}

/** The caller has been given up on; a venue that closes carries nothing more out. */
async function carryOutLater(
  venue: Venue,
  write: WriteRequest,
  sender: Sender,
  ms: number,
): Promise<void> {
  const { exchange } = write;
  const { method, path, caller, key } = exchange;
  const until = venue.clock.now() + ms;
  const hold = venue.clock.hold({ until, method, path, agent: caller?.id, key });
  hold.gone();
  if ((await hold.ended) === "due") await carryOut(venue, write, sender);
}

function timedOut(): Answer {
  const detail = "The venue gave up on the request (injected).";
  const body = { ...new ProblemError("fault_injected", detail).body, status: 504 };
  return jsonAnswer(504, body);
}

const NO_TURN: Turn = { leave: () => undefined };

/** Waits a while for an earlier write under the same key. @throws ProblemError 409 or 503 */
async function takeTurn(
  { clock }: Venue,
  inFlight: InFlight,
  { agent, key, carrier }: Sender,
  { route: { operation }, exchange }: WriteRequest,
): Promise<Turn | "closed"> {
  if (key === undefined) return NO_TURN;
  const until = clock.now() + IN_FLIGHT_WAIT_MS;
  for (;;) {
    const turn = inFlight.enter(agent, operation, key);
    if (turn !== undefined) return turn;
    const first = inFlight.left(agent, operation, key);
    const end = await holdUntil(exchange, clock, until, first);
    if (end === "closed") return "closed";
    if (end === "due") throw stillRunning(carrier);
  }
}

/** In the dialect of `idempotency_key`, a 409 must always contain the result. */
function stillRunning(carrier: KeyCarrier | undefined): ProblemError {
  const code = carrier === "idempotency_key" ? "idempotency_wait" : "idempotency_in_flight";
  const detail = "The first request with this key is still on its way.";
  return new ProblemError(code, detail, {}, { "retry-after": "1" });
}

function answer(executed: Executed, { route, body, carried }: WriteRequest): Answer {
  const { status, replayed, retryAfterSeconds } = executed;
  const headers: Headers = {
    ...(replayed ? { "idempotent-replayed": "true" } : {}),
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
  };
  if (status >= 400) return jsonAnswer(status, executed.body, headers);
  const rendered = route.render?.(executed.body, body) ?? executed.body;
  if (!replayed || carried.carrier !== "idempotency_key")
    return jsonAnswer(status, rendered, headers);
  return jsonAnswer(409, { ...rendered, duplicate: true, original_status: status }, headers);
}
