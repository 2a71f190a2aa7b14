// What is read from a run of the contract, and what is written of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestEvent } from "node:test/reporters";
import { fingerprint, replaced } from "./page.ts";
import { read } from "./way.ts";

type Name = TestEvent["type"];

const event = (type: Name, nesting: number, data: object): TestEvent =>
  ({ type, data: { nesting, file: "contract.test.ts", ...data } }) as unknown as TestEvent;

/** The events of a suite of two areas, of which one behaviour is left out. */
function suite(name: string, left: readonly string[] = []): readonly TestEvent[] {
  const leaf = (behaviour: string): readonly TestEvent[] =>
    left.includes(behaviour)
      ? []
      : [
          event("test:start", 2, { name: behaviour }),
          event("test:pass", 2, { name: behaviour, details: {} }),
        ];
  const area = (of: string, ...behaviours: readonly string[]): readonly TestEvent[] => [
    event("test:start", 1, { name: of }),
    ...behaviours.flatMap(leaf),
    event("test:pass", 1, { name: of, details: { type: "suite" } }),
  ];
  const diagnostics = left.map((behaviour) =>
    event("test:diagnostic", 1, {
      message: `left out: ${behaviour} (the server (its own) says so)`,
    }),
  );
  return [
    event("test:start", 0, { name: `engine contract: ${name}` }),
    ...diagnostics,
    ...area("calls", "call() runs once", "a key stays"),
    ...area("messages", "a signal comes once"),
    event("test:pass", 0, { name: `engine contract: ${name}`, details: { type: "suite" } }),
  ];
}

const NAMES = { calls: ["call() runs once", "a key stays"], messages: ["a signal comes once"] };

test("read() tells what passed by area, and what is left out with its reason", () => {
  const [hot, other, ...rest] = read([...suite("hot"), ...suite("other", ["call() runs once"])]);
  assert.equal(rest.length, 0);
  assert.deepEqual(Object.fromEntries(hot?.passed ?? []), NAMES);
  assert.deepEqual(hot?.left, []);
  assert.deepEqual(other?.passed.get("calls"), ["a key stays"]);
  const reason = "the server (its own) says so";
  assert.deepEqual(other?.left, [{ name: "call() runs once", reason }]);
});

test("read() refuses a run that failed, was skipped, or did nothing", () => {
  const failed = event("test:fail", 2, { name: "a key stays", details: {} });
  assert.throws(() => read([...suite("hot"), failed]), /Failed: .*a key stays/u);
  const skipped = event("test:pass", 0, { name: "the contract", skip: "no server" });
  assert.throws(() => read([skipped]), /Skipped: the contract \(no server\)/u);
  assert.throws(() => read([]), /No behaviour/u);
});

test("replaced() writes counts and reasons between the marks, and nothing else", () => {
  const [hot] = read(suite("hot"));
  const [temporal] = read(suite("server", ["call() runs once"]));
  assert.ok(hot && temporal);
  const page = "before\n<!-- contract 0: old -->\nold\n<!-- /contract -->\nafter\n";
  const seen = { embedded: [hot], temporal, circumstances: "Seen." };
  const text = replaced(page, seen);
  assert.match(text, /^before\n<!-- contract [0-9a-f]{12}: /u);
  assert.match(text, /<!-- \/contract -->\nafter\n$/u);
  assert.ok(text.includes(`<!-- contract ${fingerprint(NAMES)}: `));
  assert.match(text, /^\| calls \| 2 \| 2 \| 1 \|$/mu);
  assert.match(text, /^\| all \| 3 \| 3 \| 2 \|$/mu);
  assert.match(text, /^\| call\(\) runs once \| the server \(its own\) says so \|$/mu);
  assert.doesNotMatch(text, /\bold\b/u);
  assert.equal(replaced(text, seen), text);
  assert.throws(() => replaced("nothing", seen), /no place/u);
});
