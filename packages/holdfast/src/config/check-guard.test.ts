// A guard's names are those of the project: whatever bounds nobody is refused, with those that there are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type GuardOptions, guard } from "@holdfast/core";
import { buyer } from "../fixture/buyer.ts";
import { problemsOf } from "./check.ts";

const problems = (options: Partial<GuardOptions>): readonly string[] =>
  problemsOf({
    accounts: { alpha: {}, beta: {} },
    workflows: [buyer],
    guard: guard({ budgets: "none", ...options }),
  });

test("a guard that names what the project has is taken", () => {
  assert.deepEqual(
    problems({
      agents: { alpha: { maxLeverage: 2 } },
      budgets: [
        { per: "agent", of: "beta", span: "day", limit: "1.00" },
        { per: "workflow", of: "test.buyer", span: "day", limit: "1.00" },
        { per: "counterparty", of: "anybody", span: "day", limit: "1.00" },
      ],
      only: { venues: ["purpleflea"] },
      unguarded: ["purpleflea.executeTrade"],
    }),
    [],
  );
});

test("each name that the project does not have is refused, with those that it has", () => {
  assert.deepEqual(problems({ agents: { gamma: {} } }), [
    'guard.agents: there is no agent "gamma", only alpha, beta',
  ]);
  const budgets = (per: "agent" | "venue" | "workflow") =>
    problems({ budgets: [{ per, of: "nobody", span: "day", limit: "1.00" }] }).join();
  assert.match(budgets("agent"), /there is no agent "nobody", only alpha, beta$/u);
  assert.match(budgets("venue"), /there is no venue "nobody", only purpleflea$/u);
  assert.match(budgets("workflow"), /there is no workflow "nobody", only test\.buyer$/u);
  assert.match(
    problems({ only: { venues: ["binance"] } }).join(),
    /guard\.only\.venues: .*purpleflea/u,
  );
  assert.match(
    problems({ unguarded: ["my.pay"] }).join(),
    /there is no money activity "my\.pay", only .*purpleflea\.executeTrade/u,
  );
});

test("what is no guard is refused with its path", () => {
  assert.deepEqual(problemsOf({ guard: { budgets: "none" } }).length, 1);
  assert.match(problemsOf({ guard: { budgets: "none" } }).join(), /^guard.*guard\(\{/u);
});
