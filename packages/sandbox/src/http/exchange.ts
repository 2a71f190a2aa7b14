// One request on its way: what is known of it, and what it takes to hold its answer or to cut its line.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { HoldEnd } from "../clock/hold.ts";
import type { VenueClock } from "../clock/clock.ts";
import { type Answer, CUT } from "./answer.ts";
import type { Caller } from "./caller.ts";
import type { Headers } from "./problem.ts";
import type { RequestHead } from "./request-head.ts";

/** Both ends of a request, as Node has them. */
export interface Bindings {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

export interface Exchange {
  readonly request: RequestHead;
  readonly url: URL;
  readonly method: string;
  /** Without a host prefix. */
  readonly path: string;
  readonly bindings: Bindings;
  readonly caller: Caller | undefined;
  readonly key: string | undefined;
  /** Headers that the answer carries, whatever it is. */
  readonly headers: Headers;
}

/** Cuts the connection: the caller gets no answer and cannot know what happened. */
export function cut({ bindings }: Pick<Exchange, "bindings">): Answer {
  bindings.incoming.socket.destroy();
  return CUT;
}

/** Holds a request until an instant of the venue's clock, or until it is called off. */
export async function holdUntil(
  exchange: Exchange,
  clock: VenueClock,
  until: number,
  callOff?: Promise<unknown>,
): Promise<HoldEnd> {
  const { method, path, caller, key, bindings } = exchange;
  const hold = clock.hold({ until, method, path, agent: caller?.id, key });
  const { outgoing } = bindings;
  outgoing.once("close", hold.gone);
  void callOff?.then(hold.cancel);
  const end = await hold.ended;
  outgoing.off("close", hold.gone);
  return end;
}
