// The guard's rules, one by one: what is refused as a policy, what each check denies, how losses count, and how a
// broken audit chain is found.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "../base/error.ts";
import { type Usdc, micros, usdc } from "../base/money.ts";
import { AUDIT_ROOT, AuditChain, type AuditRow, auditHash } from "./audit.ts";
import { spanEnd, spanStart } from "./budget.ts";
import { CHECKS, type GuardedEffect, type Standing, decide } from "./check.ts";
import { liquidationDistance } from "./liquidation.ts";
import { lossModes, observeEquity, observeFlow } from "./loss.ts";
import { CLOSE_ALL, type ModeRow, letsThrough, parseScope, scopesOf, strictest } from "./mode.ts";
import { type GuardOptions, guard } from "./policy.ts";

const NOW = Date.UTC(2026, 0, 7, 12);

const OPEN: GuardedEffect = {
  key: "k",
  ref: "order-1",
  account: "alpha",
  workflow: "bot",
  venue: "purpleflea",
  command: {
    operation: "trade.open",
    kind: "open",
    amount: usdc("10.00"),
    notional: usdc("30.00"),
    symbol: "BTC-PERP",
    counterparty: "bob",
    leverage: 3,
    limitPrice: usdc("100.00"),
  },
};

const FREE: Standing = {
  now: NOW,
  modes: [],
  newestVersion: 1,
  twin: undefined,
  mark: { price: usdc("100.00"), at: NOW },
  positions: 0,
  exposure: micros(0),
  counted: () => ({ amount: micros(0), count: 0 }),
  isKnown: () => true,
  isApproved: false,
};

const ALL: GuardOptions = {
  budgets: [{ per: "agent", span: "day", limit: "100.00" }],
  only: { symbols: ["BTC-PERP"], operations: ["trade.open", "casino.bet"] },
  never: { counterparties: ["mallory"] },
  maxNotional: "50.00",
  maxLeverage: 3,
  maxPositions: 3,
  maxExposure: "90.00",
  priceBand: 0.02,
  liquidationDistance: 0.1,
  rate: { perSecond: 5, perDay: 200 },
  duplicates: { within: "60s", action: "deny" },
  approval: { above: "20.00", rules: [{ name: "night", when: ({ again }) => again === "night" }] },
};

interface Case {
  readonly denied: (typeof CHECKS)[number] | undefined;
  readonly command?: Partial<GuardedEffect["command"]>;
  readonly standing?: Partial<Standing>;
  readonly options?: Partial<GuardOptions>;
}

const halted: ModeRow = {
  scope: "agent:alpha",
  cause: "halt",
  mode: "HALTED",
  reason: "strange",
  actor: "ann",
  since: NOW,
  until: undefined,
};

const spent = (amount: Usdc, count = 0) => ({ counted: () => ({ amount, count }) });

const CASES: Readonly<Record<string, Case>> = {
  "all is well": { denied: undefined },
  "a mode of the agent": { denied: "MODE", standing: { modes: [halted] } },
  "a mode of another agent": {
    denied: undefined,
    standing: { modes: [{ ...halted, scope: "agent:beta" }] },
  },
  "a mode that is over": { denied: undefined, standing: { modes: [{ ...halted, until: NOW }] } },
  "an older policy": { denied: "VERSION_FENCED", standing: { newestVersion: 2 } },
  "an amount below zero": { denied: "INVALID", command: { amount: micros(-1) } },
  "no leverage at all": { denied: "INVALID", command: { leverage: Number.NaN } },
  "the same again": {
    denied: "DUPLICATE_INTENT",
    standing: { twin: { ref: "order-0", at: NOW - 59_999 } },
  },
  "the same, a minute later": {
    denied: undefined,
    standing: { twin: { ref: "order-0", at: NOW - 60_000 } },
  },
  "a symbol that is not listed": { denied: "RESTRICTED", command: { symbol: "DOGE-PERP" } },
  "somebody who is barred": { denied: "RESTRICTED", command: { counterparty: "mallory" } },
  "a price of 60 s": {
    denied: undefined,
    standing: { mark: { price: usdc("100.00"), at: NOW - 60_000 } },
  },
  "an older price": {
    denied: "STALE_PRICE",
    standing: { mark: { price: usdc("100.00"), at: NOW - 60_001 } },
  },
  "a market order on a price of 5 s": {
    denied: "STALE_PRICE",
    command: { limitPrice: undefined },
    standing: { mark: { price: usdc("100.00"), at: NOW - 5_001 } },
  },
  "no price at all": { denied: "STALE_PRICE", standing: { mark: undefined } },
  "a price at the band": { denied: undefined, command: { limitPrice: usdc("102.00") } },
  "a price beyond it": { denied: "PRICE_BAND", command: { limitPrice: usdc("102.000001") } },
  "too large": { denied: "MAX_NOTIONAL", command: { notional: usdc("50.000001") } },
  "too much leverage": { denied: "MAX_LEVERAGE", command: { leverage: 4 } },
  "a fourth position": { denied: "MAX_POSITIONS", standing: { positions: 3 } },
  "too much in all": { denied: "MAX_EXPOSURE", standing: { exposure: usdc("60.000001") } },
  "a liquidation too near": {
    denied: "LIQUIDATION",
    command: { leverage: 10 },
    options: { maxLeverage: 50 },
  },
  "the budget's last unit": { denied: undefined, standing: spent(usdc("90.00")) },
  "one more": { denied: "BUDGET", standing: spent(usdc("90.000001")) },
  "too many in a second": { denied: "THROTTLED", standing: spent(micros(0), 5) },
  "a game": { denied: "NEGATIVE_EDGE", command: { operation: "casino.bet", edge: -0.01 } },
  "a game that is meant": {
    denied: undefined,
    command: { operation: "casino.bet", edge: -0.01 },
    options: { bets: [{ operation: "casino.bet", allowance: "10.00", because: "fun" }] },
  },
  "a game beyond its allowance": {
    denied: "NEGATIVE_EDGE",
    command: { operation: "casino.bet", edge: -0.01 },
    options: { bets: [{ operation: "casino.bet", allowance: "9.99", because: "fun" }] },
  },
};

for (const [what, { denied, command, standing, options }] of Object.entries(CASES)) {
  test(`the guard on ${what}: ${denied ?? "let through"}`, () => {
    const effect = { ...OPEN, command: { ...OPEN.command, ...command } };
    const judged = decide(effect, guard({ ...ALL, ...options }), { ...FREE, ...standing });
    assert.equal(judged.denied?.check, denied, judged.denied?.note);
    assert.deepEqual(
      judged.checks.map(({ check }) => check),
      CHECKS,
    );
    const note = judged.checks.find(({ check }) => check === "NEGATIVE_EDGE")?.note;
    if (what === "a game that is meant") assert.equal(note, "meant: fun");
  });
}

test("every check has a case that it denies, but for the one that asks", () => {
  const denying = new Set(Object.values(CASES).map(({ denied }) => denied));
  assert.deepEqual(
    CHECKS.filter((check) => !denying.has(check)),
    ["NEEDS_APPROVAL"],
  );
});

test("what reduces is spared all but modes, versions, nonsense and lists", () => {
  const reduce = { ...OPEN, command: { ...OPEN.command, kind: "reduce" as const } };
  const bad = {
    ...FREE,
    positions: 9,
    exposure: usdc("999.00"),
    mark: undefined,
    ...spent(usdc("999.00"), 99),
  };
  assert.equal(decide(reduce, guard(ALL), bad).denied, undefined);
  const only = { ...halted, mode: "REDUCE_ONLY" as const };
  assert.equal(decide(reduce, guard(ALL), { ...bad, modes: [only] }).denied, undefined);
  assert.equal(decide(reduce, guard(ALL), { ...bad, modes: [halted] }).denied?.check, "MODE");
});

test("lists keep nobody from closing what was opened before them", () => {
  const check = (workflow: string, command: Partial<GuardedEffect["command"]>) => {
    const effect = { ...OPEN, workflow, command: { ...OPEN.command, ...command } };
    return decide(effect, guard(ALL), FREE).denied?.check;
  };
  const symbol = { kind: "reduce", symbol: "DOGE-PERP" } as const;
  assert.equal(check("bot", symbol), undefined);
  const operation = { ...symbol, operation: "trade.close" };
  assert.equal(check("bot", operation), "RESTRICTED", "an operation that is not listed");
  assert.equal(check(CLOSE_ALL, operation), undefined);
  assert.equal(check(CLOSE_ALL, { symbol: "DOGE-PERP" }), "RESTRICTED", "it opens nothing");
});

test("approval is asked for above an amount, for whoever was never paid, and by rule, and not once it is given", () => {
  const asked = (options: GuardOptions, standing: Partial<Standing>, again?: string) => {
    const effect = { ...OPEN, command: { ...OPEN.command, again } };
    return decide(effect, guard(options), { ...FREE, ...standing }).asked?.note;
  };
  const base = { budgets: "none" } as const;
  assert.equal(asked({ ...base, approval: { above: "10.00" } }, {}), undefined);
  assert.match(asked({ ...base, approval: { above: "9.99" } }, {}) ?? "", /above 9\.99/u);
  assert.equal(asked({ ...base, approval: { above: "9.99" } }, { isApproved: true }), undefined);
  const stranger = { isKnown: () => false };
  assert.match(asked({ ...base, approval: { newCounterparty: true } }, stranger) ?? "", /bob/u);
  assert.equal(asked({ ...base, ...ALL }, {}, "night"), 'rule "night"');
});

const CONTRADICTIONS: readonly (readonly [why: RegExp, options: Partial<GuardOptions>])[] = [
  [/budgets is empty/u, { budgets: [] }],
  [/limit of nothing/u, { budgets: [{ per: "agent", span: "day", limit: "0.00" }] }],
  [
    /is there twice/u,
    {
      budgets: [
        { per: "agent", span: "day", limit: "1.00" },
        { per: "agent", span: "day", limit: "2.00" },
      ],
    },
  ],
  [
    /agent\/hour allows more than agent\/day/u,
    {
      budgets: [
        { per: "agent", span: "day", limit: "1.00" },
        { per: "agent", span: "hour", limit: "2.00" },
      ],
    },
  ],
  [/only\.symbols and in never\.symbols/u, { only: { symbols: ["A"] }, never: { symbols: ["A"] } }],
  [/only\.symbols is empty/u, { only: { symbols: [] } }],
  [/rate of a second allows more/u, { rate: { perSecond: 10, perDay: 5 } }],
  [/freshness\.market is longer/u, { freshness: { price: "1s", market: "2s" } }],
  [/nobody is ever asked/u, { maxNotional: "10.00", approval: { above: "10.00" } }],
  [/asks for nothing/u, { approval: {} }],
  [/loss\.drawdown is 20/u, { loss: { drawdown: 20 } }],
  [/priceBand is 0/u, { priceBand: 0 }],
  [/version is 0/u, { version: 0 }],
  [
    /need an allowance and a reason/u,
    { bets: [{ operation: "x", allowance: "1.00", because: " " }] },
  ],
  [/feeds\.symbols is empty/u, { feeds: { symbols: [] } }],
  [/maxLeverage is below 1/u, { agents: { alpha: { maxLeverage: 0 } } }],
];

for (const [why, options] of CONTRADICTIONS) {
  test(`guard() refuses a policy of which ${why.source}`, () => {
    assert.throws(
      () => guard({ budgets: "none", ...options }),
      (error) => hasCode(error, "HF-GUARD-INVALID") && why.test(error.message),
    );
  });
}

test("an agent's own limits take the place of those for all", () => {
  const policy = guard({
    ...ALL,
    agents: { alpha: { maxLeverage: 10, liquidationDistance: 0.05 } },
  });
  const effect = { ...OPEN, command: { ...OPEN.command, leverage: 10 } };
  assert.equal(decide(effect, policy, FREE).denied, undefined);
  assert.equal(decide({ ...effect, account: "beta" }, policy, FREE).denied?.check, "MAX_LEVERAGE");
});

test("spans are those of the calendar in UTC, weeks from Monday", () => {
  const at = Date.UTC(2026, 0, 7, 13, 14, 15, 16);
  assert.equal(spanStart("second", at), Date.UTC(2026, 0, 7, 13, 14, 15));
  assert.equal(spanStart("hour", at), Date.UTC(2026, 0, 7, 13));
  assert.equal(spanStart("week", at), Date.UTC(2026, 0, 5));
  assert.equal(spanEnd("week", at), Date.UTC(2026, 0, 12));
  assert.equal(spanStart("week", Date.UTC(2026, 0, 5)), Date.UTC(2026, 0, 5));
  assert.equal(spanStart("total", at), 0);
  assert.equal(spanEnd("total", at), undefined);
});

test("liquidationDistance() is that of the nearer side, as the venue reckons it", () => {
  const away = (entry: number, liquidation: number): number =>
    Math.abs(liquidation - entry) / entry;
  for (const [leverage, short] of [
    [2, 89_108.9109],
    [3, 79_207.9208],
    [10, 65_346.5347],
  ] as const) {
    assert.ok(Math.abs(liquidationDistance(leverage) - away(60_000, short)) < 1e-8);
  }
  assert.equal(liquidationDistance(200), 0);
});

test("losses count from the highest equity; money taken out is none", () => {
  const limits = { drawdown: 0.2, day: 0.1, minBalance: usdc("10.00"), closeAll: true };
  const causes = (state: Parameters<typeof lossModes>[0]) =>
    lossModes(state, limits).map(({ cause, mode }) => `${cause} ${mode}`);
  let state = observeEquity(undefined, { equity: usdc("100.00") }, NOW);
  state = observeEquity(state, { equity: usdc("150.00") }, NOW);
  assert.deepEqual(causes(observeEquity(state, { equity: usdc("120.00") }, NOW)), []);
  assert.deepEqual(causes(observeEquity(state, { equity: usdc("119.99") }, NOW)), [
    "drawdown HALTED",
  ]);
  assert.deepEqual(causes(observeEquity(state, { equity: usdc("89.99") }, NOW)), [
    "drawdown HALTED",
    "day-loss REDUCE_ONLY",
  ]);
  const paid = observeFlow(state, micros(-usdc("100.00")));
  assert.deepEqual(causes(observeEquity(paid, { equity: usdc("50.00") }, NOW)), []);
  assert.deepEqual(causes(observeEquity(paid, { equity: usdc("39.99") }, NOW)), [
    "drawdown HALTED",
  ]);
  const poor = { equity: usdc("150.00"), available: usdc("9.99") };
  assert.deepEqual(causes(observeEquity(state, poor, NOW)), ["balance HALTED"]);
  const [loss] = lossModes(observeEquity(state, { equity: usdc("89.99") }, NOW), {
    ...limits,
    drawdown: undefined,
  });
  assert.equal(loss?.until, Date.UTC(2026, 0, 8));
});

test("the strictest of the modes that concern a command counts", () => {
  const scopes = scopesOf({ account: "alpha", venues: ["a", "b"], symbol: "BTC" });
  assert.deepEqual(scopes, ["project", "agent:alpha", "venue:a", "venue:b", "symbol:BTC"]);
  const row = (scope: string, mode: ModeRow["mode"]): ModeRow => ({ ...halted, scope, mode });
  const rows = [
    row("project", "REDUCE_ONLY"),
    row("venue:b", "OBSERVATION"),
    row("venue:c", "HALTED"),
  ];
  assert.equal(strictest(rows, scopes, NOW)?.mode, "OBSERVATION");
  assert.deepEqual(
    (["FULL", "REDUCE_ONLY", "OBSERVATION", "HALTED"] as const).map((mode) =>
      [
        letsThrough({ mode }, "open", "x"),
        letsThrough({ mode }, "reduce", "x"),
        letsThrough({ mode }, "reduce", "holdfast.closeAll"),
      ]
        .map(Number)
        .join(""),
    ),
    ["111", "011", "001", "001"],
  );
});

test("parseScope() refuses what is no scope", () => {
  assert.equal(parseScope("agent:alpha"), "agent:alpha");
  for (const text of ["", "agents:alpha", "agent:", "agent:a b", "project:x"])
    assert.throws(
      () => parseScope(text),
      (error) => hasCode(error, "HF-GUARD-INVALID"),
    );
});

test("a row of the audit log that was changed, removed, moved or cut off is found", () => {
  let hash = AUDIT_ROOT;
  const log: AuditRow[] = [1, 2, 3, 4].map((position) => {
    const entry = {
      at: position,
      action: "a",
      actor: "ann",
      reason: "r",
      subject: `s${position}`,
      detail: "",
    };
    hash = auditHash(hash, position, entry);
    return { ...entry, position, hash };
  });
  const head = { position: 4, hash };
  const faultOf = (rows: readonly AuditRow[]) => {
    const chain = new AuditChain();
    for (const row of rows) {
      const fault = chain.next(row);
      if (fault !== undefined) return fault;
    }
    return chain.end(head);
  };
  const [a, b, c, d] = log;
  assert.ok(a !== undefined && b !== undefined && c !== undefined && d !== undefined);
  assert.equal(faultOf([a, b, c, d]), undefined);
  assert.deepEqual(faultOf([a, { ...b, reason: "R" }, c, d]), { kind: "changed", position: 2 });
  assert.deepEqual(faultOf([a, c, d]), { kind: "missing", position: 2 });
  assert.deepEqual(faultOf([a, c, b, d]), { kind: "missing", position: 2 });
  assert.deepEqual(faultOf([a, { ...c, position: 2 }, { ...b, position: 3 }, d]), {
    kind: "changed",
    position: 2,
  });
  assert.deepEqual(faultOf([a, b, c]), { kind: "cut", position: 4 });
  assert.deepEqual(faultOf([]), { kind: "cut", position: 1 });
});
