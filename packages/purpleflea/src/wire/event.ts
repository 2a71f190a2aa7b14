// Events that the venue sends: the envelope, and the catalogue of all types with what each carries, whether it
// is kept, and the topic that it belongs to on a broker. The catalogue is data: clients, bridges and the
// documentation read it.
//
// A payload may hold more fields than are named here, and a type that is not named here is passed on as it is.

import { z } from "zod";
import { GuideNumber, Micros } from "./money.ts";

/** A ULID: 48 bits of time, then 80 bits of order. Greater means later. */
export const EVENT_ID: RegExp = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/u;

/** What every event has. */
export const EventEnvelope = z.object({
  eventId: z.string().min(1).max(100),
  /** "domain.name". */
  type: z.string().min(1).max(100),
  /** The agent that it is for. */
  agentId: z.string().optional(),
  payload: z.unknown(),
  /** Milliseconds since the epoch. */
  ts: z.number(),
});

export type EventEnvelope = z.output<typeof EventEnvelope>;

/** Topics of a broker, as the guides name them; those that they do not name follow their pattern. */
export const EVENT_TOPICS = [
  "market.prices",
  "wallet.events",
  "trade.executions",
  "escrow.events",
  "job.events",
  "casino.events",
  "domain.events",
  "agent.events",
  "webhook.events",
] as const;

export type EventTopic = (typeof EVENT_TOPICS)[number];

interface EventKind<Payload extends z.ZodType> {
  readonly topic: EventTopic;
  /** Whether it is kept and told again to who was away; else it is told to those who listen. */
  readonly durable: boolean;
  readonly payload: Payload;
}

function kept<Shape extends z.ZodRawShape>(
  topic: EventTopic,
  shape: Shape,
): EventKind<z.ZodObject<Shape, z.core.$loose>> {
  return { topic, durable: true, payload: z.looseObject(shape) };
}

const text = z.string();
const someText = text.nullable().optional();
const count = z.number();

/** Prices of a pair now, and of the minute that runs. Amounts are USDC. */
export const TickPayload = z.looseObject({
  pair: text,
  price: z.number(),
  price_micros: Micros.optional(),
  bid: GuideNumber,
  bid_micros: Micros.optional(),
  ask: GuideNumber,
  ask_micros: Micros.optional(),
  /** Milliseconds since the epoch. */
  timestamp_ms: z.number().optional(),
  /** Open, highest, lowest and last price of the running minute, and the units traded in it. */
  o: GuideNumber,
  h: GuideNumber,
  l: GuideNumber,
  c: GuideNumber,
  v: GuideNumber,
});

const candle = {
  pair: text,
  /** "1m". */
  interval: text.optional(),
  /** Its first millisecond since the epoch, and the first after it. */
  timestamp_ms: z.number().optional(),
  end_ms: z.number().optional(),
  open: z.number(),
  open_micros: Micros.optional(),
  high: GuideNumber,
  high_micros: Micros.optional(),
  low: GuideNumber,
  low_micros: Micros.optional(),
  close: z.number(),
  close_micros: Micros.optional(),
  /** In units of the asset. */
  volume: z.number().optional(),
  /** True where nothing traded: it is flat at the price before it. */
  synthetic: z.boolean().optional(),
};

const escrow = {
  escrow_id: text,
  amount_usdc: GuideNumber,
  amount_micros: Micros.optional(),
  status: text.optional(),
  payer: text.optional(),
  counterparty: text.optional(),
  fee_micros: Micros.optional(),
  net_micros: Micros.optional(),
  refunded_micros: Micros.optional(),
  reason: someText,
  job_id: someText,
  /** Only to the referrer: its share, and that it is told as one. */
  referral_micros: Micros.optional(),
  role: text.optional(),
};

const job = {
  job_id: text,
  escrow_id: someText,
  status: text.optional(),
  worker: text.optional(),
  result_hash: someText,
  delivery_uri: someText,
  reason: someText,
};

const domain = {
  registration_id: text.optional(),
  name: text,
  status: text.optional(),
  /** ISO 8601. */
  expires_at: text.optional(),
};

const bought = { ...domain, price_micros: Micros.optional() };

const webhook = { webhook_id: text };

const delivery = {
  ...webhook,
  delivery_id: text.optional(),
  event_id: text.optional(),
  attempts: count.optional(),
  last_status: count.nullable().optional(),
  last_error: someText,
};

const order = {
  order_id: text,
  symbol: text.optional(),
  status: text.optional(),
  reason: someText,
  filled_micros: Micros.optional(),
  position_id: someText,
};

const position = {
  position_id: text,
  symbol: text.optional(),
  realised_pnl_micros: Micros.optional(),
};

const bet = {
  bet_id: text,
  game: text.optional(),
  outcome: text.optional(),
  amount_micros: Micros.optional(),
  payout_micros: Micros.optional(),
  pnl_usdc: GuideNumber,
  pnl_micros: Micros.optional(),
  balance_micros: Micros.optional(),
};

const paper = { asset: text, amount_units: text, balance_units: text };

/** Every type that the venue is known to send. */
export const EVENTS = {
  "market.tick": { topic: "market.prices", durable: false, payload: TickPayload },
  "market.candle": kept("market.prices", candle),
  "wallet.balance_changed": kept("wallet.events", {
    new_balance_usdc: z.number(),
    balance_micros: Micros.optional(),
    change_usdc: GuideNumber,
    change_micros: Micros.optional(),
    /** The operation that moved it: open, claim, liquidate, … */
    reason: text.optional(),
  }),
  "wallet.low_balance": kept("wallet.events", {
    balance_usdc: z.number(),
    balance_micros: Micros.optional(),
    threshold: GuideNumber,
    threshold_micros: Micros.optional(),
  }),
  "wallet.low_balance_threshold_set": kept("wallet.events", {
    threshold_usdc: z.number(),
    threshold_micros: Micros.optional(),
  }),
  "wallet.deposited": kept("wallet.events", paper),
  "wallet.withdrawn": kept("wallet.events", paper),
  "faucet.claimed": kept("wallet.events", {
    amount_usdc: z.number(),
    balance_micros: Micros.optional(),
  }),
  "trade.opened": kept("trade.executions", {
    ...position,
    side: text.optional(),
    size_micros: Micros.optional(),
  }),
  "trade.closed": kept("trade.executions", position),
  "trade.closed_all": kept("trade.executions", {
    positions: count,
    realised_pnl_micros: Micros.optional(),
  }),
  "trade.liquidated": kept("trade.executions", {
    ...position,
    price: GuideNumber,
    margin_micros: Micros.optional(),
    backstop: z.boolean().optional(),
  }),
  "trade.order_placed": kept("trade.executions", order),
  "trade.order_filled": kept("trade.executions", order),
  "trade.order_cancelled": kept("trade.executions", order),
  "trade.order_rejected": kept("trade.executions", order),
  "escrow.created": kept("escrow.events", escrow),
  "escrow.completed": kept("escrow.events", escrow),
  "escrow.disputed": kept("escrow.events", escrow),
  "escrow.released": kept("escrow.events", escrow),
  "escrow.refunded": kept("escrow.events", escrow),
  "job.posted": kept("job.events", job),
  "job.taken": kept("job.events", job),
  "job.completed": kept("job.events", job),
  "job.failed": kept("job.events", job),
  "job.cancelled": kept("job.events", job),
  "casino.bet_settled": kept("casino.events", bet),
  "casino.seed_rotated": kept("casino.events", {
    server_seed_hash: text.optional(),
    client_seed: text.optional(),
  }),
  "domain.registered": kept("domain.events", bought),
  "domain.renewed": kept("domain.events", bought),
  "domain.expiring": kept("domain.events", { ...domain, days_left: count.optional() }),
  "domain.grace": kept("domain.events", domain),
  "domain.expired": kept("domain.events", domain),
  "domain.released": kept("domain.events", domain),
  "agent.registered": kept("agent.events", { agent_id: text, name: text.optional() }),
  "webhook.registered": kept("webhook.events", webhook),
  "webhook.updated": kept("webhook.events", { ...webhook, enabled: z.boolean().optional() }),
  "webhook.removed": kept("webhook.events", webhook),
  "webhook.secret_rotated": kept("webhook.events", webhook),
  "webhook.test": kept("webhook.events", webhook),
  "webhook.replayed": kept("webhook.events", { ...webhook, queued: count.optional() }),
  "webhook.delivery_failed": kept("webhook.events", delivery),
  "webhook.disabled": kept("webhook.events", { ...delivery, reason: someText }),
} as const satisfies Readonly<Record<string, EventKind<z.ZodType>>>;

export type EventType = keyof typeof EVENTS;

/** What an event of a type carries. */
export type EventPayload<Type extends EventType> = z.output<(typeof EVENTS)[Type]["payload"]>;

/** Topics of a domain whose types are not in the catalogue. */
const TOPIC_OF_DOMAIN: Readonly<Record<string, EventTopic>> = {
  market: "market.prices",
  wallet: "wallet.events",
  faucet: "wallet.events",
  trade: "trade.executions",
  escrow: "escrow.events",
  job: "job.events",
  casino: "casino.events",
  domain: "domain.events",
  agent: "agent.events",
  webhook: "webhook.events",
};

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENTS, type);
}

/**
 * The topic of a type: as the catalogue says, else by its domain.
 *
 * @example
 * topicOf("wallet.low_balance"); // "wallet.events"
 */
export function topicOf(type: string): EventTopic | undefined {
  if (isEventType(type)) return EVENTS[type].topic;
  const domainName = type.slice(0, Math.max(0, type.indexOf(".")));
  return Object.hasOwn(TOPIC_OF_DOMAIN, domainName) ? TOPIC_OF_DOMAIN[domainName] : undefined;
}

/**
 * Whether a pattern is about a type: the type itself, all of a domain ("wallet.*"), or all ("*").
 *
 * @example
 * matchesTopic("wallet.*", "wallet.low_balance"); // true
 */
export function matchesTopic(pattern: string, type: string): boolean {
  if (pattern === "*" || pattern === type) return true;
  return pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1));
}
