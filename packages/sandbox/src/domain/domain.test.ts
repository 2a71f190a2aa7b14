// Domains at the venue: names and prices, one holder for each name, and a life that goes by the venue's clock.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { micros as usdcOf } from "@holdfast/core";
import { type Desk, btc, deskOf, micros, openDesk } from "../fixture/desk.ts";
import { START, testFolder } from "../fixture/kit.ts";
import { DEFAULT_DOMAIN_TERMS, priceOf } from "./terms.ts";
import { readName } from "./name.ts";
import { addYears } from "./registration.ts";

const DAY_MS = 86_400_000;
const EXPIRY = Date.parse("2027-01-05T09:00:00.000Z");
const market = btc(["60000"]);

function register({ send }: Desk, name: string, key?: string, years = 1) {
  return send({ operation: "register-domain", name, years }, key);
}

function renew({ send }: Desk, name: string, key?: string, expiresAt?: number, years = 1) {
  return send({ operation: "renew-domain", name, years, expiresAt }, key);
}

/** Events about domains in a venue's file that is closed: what happened, and how many days from the expiry. */
function told(path: string): readonly string[] {
  using file = new DatabaseSync(path, { readOnly: true });
  const rows = file.prepare("SELECT type, at FROM outbox WHERE type LIKE 'domain.%' ORDER BY id");
  return rows.all().map(({ type, at }) => `${String(type)} ${(Number(at) - EXPIRY) / DAY_MS}`);
}

function another({ venue }: Desk): Desk {
  const command = { operation: "register", name: "b", description: "" } as const;
  return deskOf(venue, String(venue.execute(command, { agent: "" }).body["agent_id"]));
}

test("priceOf() asks the ending's price, and more for short names", () => {
  const price = (text: string, years = 1): bigint => {
    const name = readName(text, DEFAULT_DOMAIN_TERMS);
    assert.equal(name.kind, "name");
    return name.kind === "name" ? priceOf(name, years, DEFAULT_DOMAIN_TERMS) : 0n;
  };
  assert.equal(price("agent.com"), 18_000_000n);
  assert.equal(price("agent.io"), 54_000_000n);
  assert.equal(price("agent.ai"), 102_000_000n);
  assert.equal(price("agent.xyz", 10), 144_000_000n);
  assert.deepEqual(
    ["a.com", "ab.com", "abc.com", "abcd.com", "abcde.com"].map((name) => price(name)),
    [900_000_000n, 360_000_000n, 90_000_000n, 36_000_000n, 18_000_000n],
  );
});

for (const [name, code, reason] of [
  ["Agent.com", "domain_invalid", /lower case/u],
  ["agent", "domain_invalid", /one ending/u],
  ["my.agent.com", "domain_invalid", /3 part/u],
  [".com", "domain_invalid", /is empty/u],
  ["-agent.com", "domain_invalid", /neither begins nor ends/u],
  ["agent-.com", "domain_invalid", /neither begins nor ends/u],
  ["ag_ent.com", "domain_invalid", /letters a to z/u],
  ["ünder.com", "domain_invalid", /letters a to z/u],
  ["xn--nder-goa.com", "domain_invalid", /encoded names/u],
  [`${"a".repeat(64)}.com`, "domain_invalid", /more than 63/u],
  ["agent.org", "unknown_tld", /\.com, \.io, \.ai, \.xyz/u],
  ["agent.toString", "unknown_tld", /does not sell/u],
] as const) {
  test(`register-domain refuses ${name.slice(0, 24)} and says why`, () => {
    const desk = openDesk(market);
    using _venue = desk.venue;
    const { status, body } = register(desk, name);
    assert.deepEqual([status, body["code"]], [422, code]);
    assert.match(String(body["detail"]), reason);
    assert.equal(desk.available(), 10_000_000_000n);
  });
}

test("register-domain takes the price and gives the name to one agent, once", () => {
  const desk = openDesk(market);
  using _venue = desk.venue;
  const first = register(desk, "agent.ai", "buy", 2);
  assert.equal(first.status, 201);
  assert.equal(first.body["expires_at"], "2028-01-05T09:00:00.000Z");
  assert.equal(first.body["expiry"], first.body["expires_at"]);
  assert.equal(micros(first.body, "price_micros"), 204_000_000n);
  assert.equal(desk.available(), 9_796_000_000n);
  // Under its key it is answered as it was; under another it is a name that is taken.
  assert.deepEqual(register(desk, "agent.ai", "buy", 2).body, first.body);
  const again = register(desk, "agent.ai", "buy-2");
  assert.deepEqual([again.status, again.body["code"]], [409, "domain_taken"]);
  assert.equal(again.body["owned"], true);
  const other = another(desk);
  const taken = register(other, "agent.ai", "buy");
  assert.deepEqual([taken.status, taken.body["owned"]], [409, false]);
  // The refusal is an answer for good under its key.
  assert.deepEqual(register(other, "agent.ai", "buy").body, taken.body);
  assert.equal(other.available(), 10_000_000_000n);
  assert.equal(desk.available(), 9_796_000_000n);
});

test("register-domain refuses what the agent cannot pay and leaves the name free", () => {
  const desk = openDesk(market, { grant: usdcOf(17_999_999n) });
  using _venue = desk.venue;
  const { status, body } = register(desk, "agent.com");
  assert.deepEqual([status, body["code"]], [402, "insufficient_funds"]);
  assert.deepEqual([body["needed_micros"], body["available_micros"]], ["18000000", "17999999"]);
  assert.equal(register(desk, "agent.xyz").status, 201);
});

test("a name that nobody renews is told of, has its grace, and is released for anybody", async () => {
  using folder = testFolder();
  const path = folder.path("venue.sqlite");
  {
    const desk = openDesk(market, { path });
    using _venue = desk.venue;
    const other = another(desk);
    register(desk, "agent.com");
    await desk.venue.advanceTo(EXPIRY + 35 * DAY_MS - 1);
    assert.equal(register(other, "agent.com").status, 409);
    await desk.venue.advanceTo(EXPIRY + 35 * DAY_MS);
    assert.equal(register(other, "agent.com").status, 201);
    // Who has lost it sees so, and cannot renew what is another's now.
    const lost = renew(desk, "agent.com");
    assert.deepEqual(
      [lost.status, lost.body["code"], lost.body["domain_status"]],
      [409, "domain_expired", "released"],
    );
  }
  assert.deepEqual(told(path), [
    "domain.registered -365",
    "domain.expiring -30",
    "domain.expiring -7",
    "domain.expiring -1",
    "domain.grace 0",
    "domain.expired 30",
    "domain.released 35",
    "domain.registered 35",
  ]);
});

test("the life of a name does not depend on when somebody looks", async () => {
  using folder = testFolder();
  const lives = ["often", "once"].map((name) => folder.path(name));
  for (const [index, path] of lives.entries()) {
    const { venue, send } = openDesk(market, { path });
    using _venue = venue;
    send({ operation: "register-domain", name: "agent.com", years: 1 });
    const looks = index === 0 ? 40 : 1;
    for (let look = 1; look <= looks; look += 1) {
      await venue.advanceTo(START + Math.floor((look * 410 * DAY_MS) / looks));
    }
  }
  const [often = "", once = ""] = lives;
  assert.deepEqual(told(once), told(often));
  assert.equal(told(once).length, 7);
});

test("renew-domain adds years to the expiry, before it and within the grace, and not after", async () => {
  const desk = openDesk(market);
  using _venue = desk.venue;
  register(desk, "agent.com");
  await desk.venue.advanceTo(EXPIRY - 10 * DAY_MS);
  assert.equal(renew(desk, "agent.com").body["expires_at"], "2028-01-05T09:00:00.000Z");
  const second = Date.parse("2028-01-05T09:00:00.000Z");
  await desk.venue.advanceTo(second + 30 * DAY_MS - 1);
  const late = renew(desk, "agent.com");
  // The grace is no gift: the year begins where the last one ended.
  assert.deepEqual([late.status, late.body["expires_at"]], [200, "2029-01-05T09:00:00.000Z"]);
  assert.equal(late.body["renewals"], 2);
  const third = Date.parse("2029-01-05T09:00:00.000Z");
  await desk.venue.advanceTo(third + 30 * DAY_MS);
  const tooLate = renew(desk, "agent.com");
  assert.deepEqual([tooLate.status, tooLate.body["code"]], [409, "domain_expired"]);
  assert.equal(desk.available(), 10_000_000_000n - 3n * 18_000_000n);
});

test("renew-domain renews an expiry once where the caller names it", () => {
  const desk = openDesk(market);
  using _venue = desk.venue;
  register(desk, "agent.com");
  assert.equal(renew(desk, "agent.com", "k1", EXPIRY).status, 200);
  const again = renew(desk, "agent.com", "k2", EXPIRY);
  assert.deepEqual([again.status, again.body["code"]], [409, "domain_changed"]);
  assert.equal(again.body["expires_at"], "2028-01-05T09:00:00.000Z");
});

test("renew-domain refuses what lies too far ahead, and what is not the agent's", () => {
  const desk = openDesk(market);
  using _venue = desk.venue;
  register(desk, "agent.com");
  assert.equal(renew(desk, "agent.com", undefined, undefined, 9).status, 200);
  assert.equal(renew(desk, "agent.com").body["code"], "too_many_years");
  assert.equal(renew(another(desk), "agent.com").body["code"], "unknown_domain");
});

test("addYears() keeps day and time, and takes 28 February where there is no 29th", () => {
  const add = (text: string, years: number): string =>
    new Date(addYears(Date.parse(text), years)).toISOString();
  assert.equal(add("2026-01-05T09:00:00.000Z", 1), "2027-01-05T09:00:00.000Z");
  assert.equal(add("2028-02-29T23:59:59.999Z", 1), "2029-02-28T23:59:59.999Z");
  assert.equal(add("2028-02-29T23:59:59.999Z", 4), "2032-02-29T23:59:59.999Z");
});
