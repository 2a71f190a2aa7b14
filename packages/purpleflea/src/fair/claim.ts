// A settled bet as somebody claims that it went: read from the JSON that the venue gives as its proof. Without
// a schema library, because it is read in a browser, too.

import { type Bet, type CoinPays, type Side, flawOf } from "./bet.ts";

/** A bet with all that it takes to play it again; what is absent is not compared. */
export interface Claim {
  readonly bet: Bet;
  /** As it was revealed, not its hash. */
  readonly serverSeed: string;
  readonly clientSeed: string;
  readonly nonce: number;
  /** What was published before the bet: 64 hex digits. */
  readonly serverSeedHash?: string | undefined;
  readonly outcome?: string | undefined;
  readonly result?: string | undefined;
  /** In micro-USDC. */
  readonly stake?: bigint | undefined;
  readonly payout?: bigint | undefined;
}

/** The JSON is no proof that can be checked; the message says what is missing. */
export class ClaimError extends Error {
  override readonly name = "ClaimError";
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a proof: `game`, `params`, `server_seed`, `client_seed` and `nonce`, and to compare with
 * `server_seed_hash`, `outcome`, `result`, `amount_micros`, `payout_micros`.
 *
 * @throws ClaimError naming the field
 */
export function readClaim(value: unknown): Claim {
  const json = objectOf(value, "A proof");
  if (json["server_seed"] === null) {
    throw new ClaimError(
      "The server seed is not revealed yet: rotate it, then ask for the proof again.",
    );
  }
  const nonce = json["nonce"];
  if (typeof nonce !== "number" || !Number.isSafeInteger(nonce) || nonce < 0) {
    throw new ClaimError("nonce: expected a whole number from 0 on.");
  }
  return {
    bet: betOf(json),
    serverSeed: textOf(json, "server_seed"),
    clientSeed: textOf(json, "client_seed"),
    nonce,
    serverSeedHash: optional(json, "server_seed_hash")?.toLowerCase(),
    outcome: optional(json, "outcome"),
    result: optional(json, "result"),
    stake: microsOf(json, "amount_micros"),
    payout: microsOf(json, "payout_micros"),
  };
}

function betOf(json: Json): Bet {
  const game = textOf(json, "game");
  const params = json["params"] === undefined ? {} : objectOf(json["params"], "params");
  const bet = betNamed(game, params);
  const flaw = flawOf(bet);
  if (flaw !== undefined) throw new ClaimError(flaw);
  return bet;
}

function betNamed(game: string, params: Json): Bet {
  switch (game) {
    case "crash":
      return { game, cashOut: numberOf(params, "auto_cashout") };
    case "dice": {
      const over = params["over"];
      if (typeof over !== "boolean") throw new ClaimError("over: expected true or false.");
      return { game, target: numberOf(params, "target"), over };
    }
    case "coinflip": {
      const pays = params["pays"] ?? "seed";
      return {
        game,
        side: oneOf<Side>(params["side"], "side", ["heads", "tails"]),
        pays: oneOf<CoinPays>(pays, "pays", ["seed", "house"]),
      };
    }
    case "slots":
      return { game };
    default:
      throw new ClaimError("game: expected crash, dice, coinflip or slots.");
  }
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new ClaimError(`${what} is a JSON object.`);
}

function optional(json: Json, name: string): string | undefined {
  return json[name] === undefined || json[name] === null ? undefined : textOf(json, name);
}

function textOf(json: Json, name: string): string {
  const value = json[name];
  if (typeof value === "string" && value !== "") return value;
  throw new ClaimError(`${name}: expected text.`);
}

function numberOf(json: Json, name: string): number {
  const value = json[name];
  if (typeof value === "number") return value;
  throw new ClaimError(`${name}: expected a number.`);
}

function microsOf(json: Json, name: string): bigint | undefined {
  const text = optional(json, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,19}$/u.test(text)) throw new ClaimError(`${name}: expected digits in a string.`);
  return BigInt(text);
}

function oneOf<Name extends string>(value: unknown, name: string, names: readonly Name[]): Name {
  const found = names.find((one) => one === value);
  if (found === undefined) throw new ClaimError(`${name}: expected ${names.join(" or ")}.`);
  return found;
}
