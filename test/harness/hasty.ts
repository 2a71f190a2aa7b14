// A client as somebody in a hurry writes it, and purchases that are made with it as the published guides make them,
// or with a bug planted. What goes over the wire is up to each of them.

import { createHash } from "node:crypto";
import {
  type Activity,
  type ActivityContext,
  type Duration,
  type Reconciliation,
  type Resource,
  activity,
  resource,
} from "@holdfast/core";
import { z } from "zod";

export interface Order {
  readonly symbol: string;
  readonly side: "long" | "short";
  readonly sizeUsd: string;
}

const OrderInput = z.object({
  symbol: z.string(),
  side: z.enum(["long", "short"]),
  sizeUsd: z.string(),
});

/** What it sends is up to the caller. */
export interface Hasty {
  post(
    order: Order,
    headers: Readonly<Record<string, string>>,
    body: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<string>;
  find(ref: string): Promise<string | undefined>;
}

/** What the venue is taken for: one that honours no keys, whose requests may commit late. */
export const keyless = { idempotency: "none", keyTtlMs: 86_400_000 } as const;

export const hasty: Resource<Hasty, Hasty> = resource<Hasty>({ name: "hasty", bind: (raw) => raw });

export interface HastyOptions {
  readonly url: string;
  readonly apiKey: string;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

export function hastyClient({ url, apiKey, fetch: send = fetch }: HastyOptions): Hasty {
  const authorization = { authorization: `Bearer ${apiKey}` };
  return {
    async post({ symbol, side, sizeUsd }, headers, body, signal) {
      const response = await send(`${url}/api/v1/trade`, {
        method: "POST",
        signal,
        headers: { "content-type": "application/json", ...authorization, ...headers },
        body: JSON.stringify({ symbol, side, size: sizeUsd, ...body }),
      });
      const answer = (await response.json()) as { position_id?: string; detail?: string };
      if (answer.position_id === undefined) throw new Error(answer.detail ?? "no answer");
      return answer.position_id;
    },
    async find(ref) {
      const response = await send(`${url}/api/trade/positions`, { headers: authorization });
      const { positions } = (await response.json()) as {
        positions: { position_id: string; ref: string | null }[];
      };
      return positions.find((position) => position.ref === ref)?.position_id;
    },
  };
}

const named = (a: ActivityContext): Record<string, string> => ({
  "x-holdfast-ref": encodeURIComponent(a.ref),
});

/** A purchase whose headers and body are made as planted. */
export function purchase(
  send: (
    a: ActivityContext,
    order: Order,
  ) => { readonly headers?: Record<string, string>; readonly body?: Record<string, string> },
): Activity<Order, string> {
  return activity({
    name: "planted.buy",
    input: OrderInput,
    output: z.string(),
    effect: "money",
    uses: { venue: hasty },
    timeouts: { total: "22h", attempt: "10s" },
    run: (order, a) => {
      const { headers = {}, body = {} } = send(a, order);
      return a.use(hasty).post(order, { ...headers, ...named(a) }, body, a.signal);
    },
  });
}

/** The second guide's key: pair, direction and minute; optionally with the decision in it. */
export function minuteKey(a: ActivityContext, order: Order, decision: string): string {
  const bucket = Math.floor(a.now() / 60_000);
  const text = `trade:${order.symbol}:${order.side}:${decision}:${bucket}`;
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** A purchase at a venue without keys, which is asked by the business name. */
export function reconciled(attempt: Duration): Activity<Order, string> {
  return activity({
    name: "planted.reconciled",
    input: OrderInput,
    output: z.string(),
    effect: "money",
    uses: { venue: hasty },
    timeouts: { total: "22h", attempt },
    run: (order, a) => a.use(hasty).post(order, named(a), {}, a.signal),
    reconcile: async (_order, a): Promise<Reconciliation<string>> => {
      const found = await a.use(hasty).find(a.ref);
      return found === undefined ? { kind: "not-done" } : { kind: "done", output: found };
    },
  });
}

const InRun = OrderInput.extend({ runId: z.string() });

/** A purchase whose key is made of the engine's own and of the run that sends it. */
export function purchaseInRun(
  key: (a: ActivityContext, runId: string) => string,
): Activity<Order & { readonly runId: string }, string> {
  return activity({
    name: "planted.buy",
    input: InRun,
    output: z.string(),
    effect: "money",
    uses: { venue: hasty },
    timeouts: { total: "22h", attempt: "10s" },
    run: ({ runId, ...order }, a) => {
      const headers = { "idempotency-key": key(a, runId), ...named(a) };
      return a.use(hasty).post(order, headers, {}, a.signal);
    },
  });
}
