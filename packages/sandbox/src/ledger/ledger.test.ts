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
