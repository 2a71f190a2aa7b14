// The venue as the published guides describe it: keys, but no look-up, and amounts as JSON numbers only. Each is
// read from its digits, to the nearest micro-USDC.

import { type VenueProfile, paperProfile } from "../profile.ts";
import { microsOf, quantityOf } from "./amount.ts";
import type { Answered, Asked, Dialect, DialectCall } from "./dialect.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What the guides have paths for. All else the paper venue has beyond them. */
const OPERATIONS: ReadonlySet<string> = new Set([
  "register",
  "claim",
  "balance",
  "transactions",
  "open",
  "close",
  "close-all",
  "positions",
  "portfolio",
  "prices",
  "bet",
  "create-escrow",
  "release-escrow",
  "register-domain",
  "status",
]);

/** The guides' names of each exact amount, in the order in which they are believed. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  amount_micros: ["amount_usdc", "amount_usd", "amount"],
  available_micros: ["available_usdc", "available"],
  balance_micros: ["balance_usdc", "balance"],
  entry_price_micros: ["entry_price"],
  equity_micros: ["equity_usdc", "equity"],
  exit_price_micros: ["exit_price"],
  exposure_micros: ["total_exposure_usdc", "total_exposure"],
  fee_micros: ["fee_usdc", "fee"],
  fees_micros: ["fees_paid_usdc", "fees_paid", "fees"],
  liquidation_price_micros: ["liquidation_price"],
  margin_micros: ["margin_usdc", "margin_used"],
  mark_price_micros: ["mark_price"],
  pnl_micros: ["pnl_usdc", "pnl"],
  price_micros: ["price"],
  bid_micros: ["bid", "price"],
  ask_micros: ["ask", "price"],
  realised_pnl_micros: ["realised_pnl_usdc", "realized_pnl_usd", "realized_pnl", "pnl"],
  size_micros: ["size_usdc", "size_usd", "size"],
  unrealised_pnl_micros: ["unrealised_pnl_usdc", "unrealized_pnl"],
  usdc_micros: ["usdc"],
};

/** The same answer with the exact amounts that it spells as numbers. */
function filled(body: unknown, digits: unknown): unknown {
  if (Array.isArray(body)) {
    return body.map((inner: unknown, index) => filled(inner, (digits as unknown[])[index]));
  }
  if (!isFields(body) || !isFields(digits)) return body;
  const full: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(body)) full[name] = filled(inner, digits[name]);
  for (const [exact, spellings] of Object.entries(SPELLINGS)) {
    if (full[exact] !== undefined) continue;
    const found = spellings.find((name) => typeof body[name] === "number");
    if (found !== undefined) full[exact] = microsOf(digits[found]);
  }
  return full;
}

/** An exact amount, where the answer has it. */
function exact(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plain({ body, digits }: Answered): Record<string, unknown> {
  return { ...(filled(body, digits) as Fields) };
}

/** What a guide's answer to an order leaves out is what was ordered; a fee that it does not tell is none. */
function opened(answered: Answered, { body: order }: Asked): unknown {
  const body = plain(answered);
  const { leverage = 1 } = order;
  const size = exact(body, "size_micros") ?? microsOf(order["size"]);
  const price = exact(body, "entry_price_micros") ?? "0";
  return {
    order_id: body["position_id"],
    symbol: order["symbol"],
    side: order["side"],
    leverage,
    size_micros: size,
    quantity: quantityOf(size, price),
    margin_micros: (BigInt(size) / BigInt(String(body["leverage"] ?? leverage))).toString(),
    fee_micros: "0",
    ...body,
  };
}

function closed(answered: Answered, { body: order }: Asked): unknown {
  return { position_id: order["position_id"], fee_micros: "0", ...plain(answered) };
}

function closedAll(answered: Answered): unknown {
  return { closed: [], realized_pnl: 0, fees_paid: 0, ...plain(answered) };
}

/** The pair under both of its names, and the moment of the answer where none is told. */
function priced(answered: Answered): unknown {
  const { pairs, ...body } = plain(answered);
  const priceOf = (pair: Fields): Fields => ({ symbol: pair["pair"], timestamp_ms: 0, ...pair });
  return { ...body, pairs: Array.isArray(pairs) ? pairs.map(priceOf) : pairs };
}

/** What a guide's position leaves out follows from its size and price; `pair` and `direction` are other names. */
function held(position: unknown): unknown {
  if (!isFields(position)) return position;
  const symbol = position["symbol"] ?? position["pair"];
  const side = position["side"] ?? position["direction"];
  const size = exact(position, "size_micros") ?? "0";
  const price = exact(position, "entry_price_micros") ?? "0";
  const mark = position["mark_price_micros"] ?? price;
  const derived = { leverage: 1, quantity: quantityOf(size, price), mark_price_micros: mark };
  return { ...derived, unrealized_pnl: 0, unrealised_pnl_micros: "0", ...position, symbol, side };
}

function listed(answered: Answered): Record<string, unknown> {
  const body = plain(answered);
  const { positions } = body;
  return Array.isArray(positions) ? { ...body, positions: positions.map(held) } : body;
}

/** The first guide's drawdown is a fraction. */
function worth(answered: Answered): unknown {
  const body = listed(answered);
  const drawdown = Number(body["drawdown_pct"]);
  return { drawdown_fraction: drawdown, drawdown_percent: drawdown * 100, ...body };
}

/** The guides' transactions have no number: the date and the place in the list stand for it. */
function moved(answered: Answered): unknown {
  const { transactions, ...body } = plain(answered);
  const full = (one: Fields, index: number): Fields => ({
    id: `${String(one["date"])}/${index}`,
    kind: "unknown",
    amount_micros: one["pnl_micros"] ?? "0",
    ref: null,
    ...one,
  });
  return { ...body, transactions: Array.isArray(transactions) ? transactions.map(full) : [] };
}

const ANSWERS: Readonly<Record<string, DialectCall["answer"]>> = {
  open: opened,
  close: closed,
  "close-all": closedAll,
  positions: listed,
  portfolio: worth,
  transactions: moved,
  prices: priced,
};

const path = (asked: Asked): string => asked.path;

const dialect: Dialect = {
  doubtful: new Set(),
  call: (operation) =>
    OPERATIONS.has(operation) ? { path, answer: ANSWERS[operation] ?? plain } : undefined,
};

/** The venue as the published guides describe it: keys, but no look-up. */
export const guideProfile: VenueProfile = Object.freeze({
  ...paperProfile,
  name: "guide",
  lookup: false,
  // Its receiver is described, and no path to register one.
  webhooks: false,
  testClock: false,
  dialect,
  baseUrl: "https://purpleflea.com",
  hosts: {
    faucet: "https://faucet.purpleflea.com",
    escrow: "https://escrow.purpleflea.com",
  },
});
