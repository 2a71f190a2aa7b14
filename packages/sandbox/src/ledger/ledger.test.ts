// The ledger under random transfers: money never appears, agents never owe, and its rows replay to its totals.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hasCode, micros } from "@holdfast/core";
import * as fc from "fast-check";
import { openStore } from "../store/store.ts";
import { type Transfer, agentAccount, createLedger } from "./ledger.ts";

const accounts = fc.constantFrom("venue:grants", "venue:fees", "agent:a", "agent:b", "agent:c");
const postings = fc.array(
  fc.array(
    fc.record({
      debit: accounts,
      credit: accounts,
      amount: fc.bigInt({ min: 0n, max: 1_000n }).map((amount) => micros(amount)),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  { maxLength: 30 },
);

function transfer(part: Pick<Transfer, "debit" | "credit" | "amount">): Transfer {
  return { ...part, kind: "fee", agent: "a", subject: "s", at: 1, command: 1 };
}

describe("post()", () => {
  test("keeps the sum at zero and agents out of debt under random linked transfers", () => {
    fc.assert(
      fc.property(postings, (sets) => {
        using store = openStore(":memory:", "relaxed");
        const ledger = createLedger(store.ledger);
        const model = new Map<string, bigint>();
        for (const set of sets) {
          const trial = new Map(model);
          const fits = set.every(({ debit, credit, amount }) => {
            trial.set(debit, (trial.get(debit) ?? 0n) - amount);
            const holds = debit.startsWith("venue:") || (trial.get(debit) ?? 0n) >= 0n;
            trial.set(credit, (trial.get(credit) ?? 0n) + amount);
            return holds;
          });
          const post = (): unknown => store.transaction(() => ledger.post(set.map(transfer)));
          if (fits) {
            post();
            for (const [account, balance] of trial) model.set(account, balance);
          } else {
            assert.throws(post, (error) => hasCode(error, "HF-LEDGER-OVERDRAWN"));
          }
        }
        for (const [account, balance] of model) assert.equal(ledger.balance(account), balance);
        assert.equal(store.ledger.sum(), 0n);
        const broken = store.checkInvariants().filter(({ holds }) => !holds);
        // The transfers here belong to no command; all else must hold.
        assert.deepEqual(
          broken.filter(({ name }) => !name.startsWith("I8")),
          [],
        );
      }),
      { numRuns: 60 },
    );
  });

  test("leaves nothing of a linked set whose last transfer is refused", () => {
    using store = openStore(":memory:", "relaxed");
    const ledger = createLedger(store.ledger);
    const own = agentAccount("a");
    const set = [
      transfer({ debit: "venue:grants", credit: own, amount: micros(5n) }),
      transfer({ debit: own, credit: "venue:fees", amount: micros(6n) }),
    ];
    assert.throws(
      () => store.transaction(() => ledger.post(set)),
      (error) => hasCode(error, "HF-LEDGER-OVERDRAWN"),
    );
    assert.equal(ledger.balance(own), 0n);
    assert.deepEqual(store.ledger.ofAgent("a", 10), []);
  });
});

/** Steps of a life: a subject reserves once, then parts of it are captured or released. */
const steps = fc.array(
  fc.record({
    what: fc.constantFrom("reserve", "capture", "release", "spend"),
    subject: fc.constantFrom("o1", "o2", "o3"),
    amount: fc.bigInt({ min: 1n, max: 400n }).map((amount) => micros(amount)),
  }),
  { maxLength: 40 },
);

describe("reserve(), capture() and release()", () => {
  test("never spend what is reserved, nor capture more than it, in any order", () => {
    fc.assert(
      fc.property(steps, (life) => {
        using store = openStore(":memory:", "relaxed");
        const ledger = createLedger(store.ledger);
        const own = agentAccount("a");
        const given = transfer({ debit: "venue:grants", credit: own, amount: micros(1_000n) });
        store.transaction(() => ledger.post([given]));
        let available = 1_000n;
        const rests = new Map<string, bigint>();
        const captured = new Map<string, bigint>();
        for (const { what, subject, amount } of life) {
          const credit = `hold:${subject}`;
          const asked = { ...transfer({ debit: own, credit, amount }), subject };
          const rest = rests.get(subject);
          const fits =
            what === "spend" || what === "reserve" ? amount <= available : amount <= (rest ?? 0n);
          if (what === "reserve" && rest !== undefined) continue;
          const attempt = (): void => {
            store.transaction(() => {
              if (what === "spend") ledger.post([{ ...asked, credit: "venue:fees" }]);
              else if (what === "reserve") ledger.reserve(asked);
              else ledger[what](subject, amount, { at: 1, command: 1 });
            });
          };
          if (!fits) {
            assert.throws(attempt, (error) => hasCode(error, "HF-LEDGER-OVERDRAWN"));
            continue;
          }
          attempt();
          if (what === "spend" || what === "reserve") available -= amount;
          if (what === "reserve") rests.set(subject, amount);
          if (what === "release") available += amount;
          if (what === "release" || what === "capture") rests.set(subject, (rest ?? 0n) - amount);
          if (what === "capture") captured.set(subject, (captured.get(subject) ?? 0n) + amount);
          assert.equal(ledger.balance(own), available);
        }
        for (const [subject, amount] of captured) {
          assert.equal(ledger.balance(`hold:${subject}`), amount);
        }
        assert.equal(store.ledger.sum(), 0n);
        const wrong = store.checkInvariants().filter(({ holds }) => !holds);
        // Nothing here belongs to an order or a command; all else must hold.
        assert.deepEqual(
          wrong.filter(({ name }) => !/^I[38] /.test(name)),
          [],
        );
      }),
      { numRuns: 100 },
    );
  });

  test("leave nothing of a reservation whose linked transfers are refused", () => {
    using store = openStore(":memory:", "relaxed");
    const ledger = createLedger(store.ledger);
    const own = agentAccount("a");
    const given = transfer({ debit: "venue:grants", credit: own, amount: micros(10n) });
    const hold = transfer({ debit: own, credit: "hold:s", amount: micros(6n) });
    const tooMuch = transfer({ debit: own, credit: "venue:fees", amount: micros(5n) });
    store.transaction(() => ledger.post([given]));
    assert.throws(
      () =>
        store.transaction(() => {
          ledger.reserve(hold);
          ledger.post([tooMuch]);
        }),
      (error) => hasCode(error, "HF-LEDGER-OVERDRAWN"),
    );
    assert.equal(ledger.balance(own), 10n);
    assert.equal(store.ledger.pending("s"), undefined);
  });
});
