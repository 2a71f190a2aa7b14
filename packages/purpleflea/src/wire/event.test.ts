// The catalogue of events is the page of events, row for row; and what follows from it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { z } from "zod";
import { EVENT_TOPICS, EVENTS, matchesTopic, topicOf } from "./event.ts";

const page = new URL("../../../../docs/venue/events.md", import.meta.url);

test("the page of events lists each type with its topic, durability and fields", () => {
  const rows = readFileSync(page, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => {
      const [type = "", kept, topic = "", fields = ""] = line
        .split("|")
        .slice(1)
        .map((cell) => cell.trim());
      const names = [...fields.matchAll(/`([a-z_]+\??)`/gu)].map((found) => found[1]);
      return [type.replaceAll("`", ""), kept === "yes", topic.replaceAll("`", ""), names];
    });
  const catalogue = Object.entries(EVENTS).map(([type, { durable, topic, payload }]) => {
    const shape: Readonly<Record<string, z.ZodType>> = payload.shape;
    const names = Object.entries(shape).map(([name, field]) =>
      field.safeParse(undefined).success ? `${name}?` : name,
    );
    return [type, durable, topic, names];
  });
  assert.deepEqual(rows, catalogue);
});

test("topicOf() knows each type, and others by their domain", () => {
  const topics = new Set(Object.keys(EVENTS).map((type) => topicOf(type)));
  assert.deepEqual(topics, new Set(EVENT_TOPICS));
  assert.equal(topicOf("escrow.something_new"), "escrow.events");
  assert.equal(topicOf("constructor.name"), undefined);
  assert.equal(topicOf("market"), undefined);
});

test("matchesTopic() takes a type, all of a domain, or all", () => {
  const takes = (pattern: string): readonly string[] =>
    ["wallet.low_balance", "wallet.deposited", "walletx.deposited"].filter((type) =>
      matchesTopic(pattern, type),
    );
  assert.deepEqual(takes("wallet.*"), ["wallet.low_balance", "wallet.deposited"]);
  assert.deepEqual(takes("wallet.deposited"), ["wallet.deposited"]);
  assert.equal(takes("*").length, 3);
  assert.deepEqual(takes("wallet"), []);
});
