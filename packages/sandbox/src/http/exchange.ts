// One request on its way: what is known of it, and what it takes to hold its answer or to cut its line.

import type { HttpBindings } from "@hono/node-server";
import type { HoldEnd } from "../clock/hold.ts";
import type { VenueClock } from "../clock/clock.ts";
import type { Caller } from "./caller.ts";

export interface Exchange {
  readonly request: Request;
  readonly url: URL;
  readonly method: string;
  /** Without a host prefix. */
  readonly path: string;
  readonly bindings: HttpBindings;
  readonly caller: Caller | undefined;
  readonly key: string | undefined;
}

/** Cuts the connection: the caller gets no answer and cannot know what happened. */
export function cut({ bindings }: Pick<Exchange, "bindings">): Response {
  bindings.incoming.socket.destroy();
  // Goes nowhere; the number is the one that logs use for it.
  return new Response(null, { status: 499 });
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
