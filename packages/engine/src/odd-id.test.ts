// Names as people write them: every id that is accepted comes back as it was, is told from every other, and
// names one effect; one that a store could not keep apart is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { activity, hasCode, workflow } from "@holdfast/core";
import { z } from "zod";
import { type EmbeddedEngine, memoryJournal, openEngine } from "./index.ts";

/** Accepted: what looks alike is not the same, and nothing is trimmed, folded or taken for a pattern. */
const ODD: Readonly<Record<string, string>> = {
  emoji: "🚀👩‍👩‍👧‍👦",
  "right to left": "مرحبا\u200fשלום",
  "one character": "é",
  "a letter and a mark that combines": "e\u0301",
  "a space before": " id",
  "a space after": "id ",
  "upper case": "ID",
  "lower case": "id",
  "a quote": `it's "so"; DROP TABLE run; --`,
  "what SQL takes for a pattern": "100%_[a]*?",
  slashes: "../../a/b//c",
  "the name of a property": "__proto__",
  "a number": "007",
  "a byte order mark": "\ufeffid",
  "the last character of all": "\u{10ffff}",
  "255 bytes": "€".repeat(85),
};

const BAD: Readonly<Record<string, string>> = {
  nothing: "",
  "256 bytes": `${"€".repeat(85)}x`,
  "half of a character": "a\ud83d",
  "the other half": "\ude80a",
  "a line break": "a\nb",
  "a zero": "a\u0000b",
  "a control character of Latin 1": "a\u0085b",
  "the deleted character": "a\u007fb",
};

const SENT: { readonly key: string; readonly ref: string }[] = [];
const pay = activity({
  name: "odd.pay",
  input: z.string(),
  output: z.string(),
  effect: "money",
  timeouts: { total: "1h" },
  run: (text, { key, ref }) => {
    SENT.push({ key, ref });
    return text;
  },
});

const kid = workflow({
  name: "odd.kid",
  input: z.string(),
  output: z.string(),
  run: async (ctx, name) => ctx.call(pay, name, { key: name, ref: name }),
});

const family = workflow({
  name: "odd.family",
  input: z.array(z.string()),
  output: z.array(z.string()),
  signals: { go: z.string() },
  run: async (ctx, names) => {
    const words: string[] = [];
    ctx.onSignal("go", (word) => void words.push(word));
    await ctx.until(() => words.length === names.length);
    await Promise.all(
      names.map((name) => ctx.child(kid, name, { id: `kid ${name}`.slice(0, 80) })),
    );
    return words;
  },
});

/** Does something with an id that comes from code: gives the code of what it throws. */
const naming = workflow({
  name: "odd.naming",
  input: z.object({
    how: z.enum(["key", "ref", "child", "run", "tag", "value"]),
    name: z.string(),
  }),
  output: z.string(),
  run: async (ctx, { how, name }) => {
    try {
      if (how === "key") await ctx.call(pay, name, { key: name });
      else if (how === "ref") await ctx.call(pay, name, { ref: name });
      else if (how === "child") await ctx.child(kid, name, { id: name });
      else if (how === "run") ctx.run(kid, name);
      else ctx.tag(how === "tag" ? { [name]: 1 } : { name });
      return "accepted";
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  },
});

async function inEngine(body: (engine: EmbeddedEngine) => Promise<void>): Promise<void> {
  using journal = memoryJournal();
  const options = { path: journal.path, definitions: [family, kid, naming] };
  await using engine = await openEngine(options);
  await body(engine);
  assert.deepEqual(await engine.verify(), []);
}

test("ids of runs come back as they were, after a crash too, and are told apart", async () => {
  using journal = memoryJournal();
  const options = { path: journal.path, definitions: [family, kid, naming] };
  const before = await openEngine(options);
  for (const id of Object.values(ODD)) {
    const tags = { [id]: id };
    await before.client.start(kid, id, { id, tags, account: id, requestId: id });
  }
  await before.idle();
  before.abandon();
  await using engine = await openEngine(options);
  for (const [name, id] of Object.entries(ODD)) {
    assert.equal(await engine.client.run(kid, id).result(), id, name);
    const { account, runId, tags } = await engine.describe(id);
    assert.deepEqual([account, tags], [id, Object.fromEntries([[id, id]])], name);
    const [found, ...others] = (await engine.list({ tags: { [id]: id } })).runs;
    assert.deepEqual([found?.id, found?.runId, others.length], [id, runId, 0], name);
    assert.ok(
      (await engine.list({ idPrefix: id })).runs.some((run) => run.id === id),
      name,
    );
    const again = await engine.client.start(kid, id, { id, requestId: id });
    assert.equal((await again.describe()).runId, runId, `${name}: the same request is one start`);
    const called = (await engine.history(id)).find(({ entry }) => entry.kind === "call");
    assert.equal(called?.entry.kind === "call" && called.entry.ref, id, name);
  }
  const { runs } = await engine.list({ limit: 1_000 });
  assert.deepEqual(runs.map(({ id }) => id).toSorted(), Object.values(ODD).toSorted());
});

test("keys, refs, children and messages keep their names, and each key is one of its own", async () => {
  await inEngine(async (engine) => {
    SENT.length = 0;
    const names = Object.values(ODD).filter((name) => name !== ODD["255 bytes"]);
    const run = await engine.client.start(family, names, { id: "family" });
    for (const name of names) {
      await run.signal("go", name, { requestId: name });
      // The same id is one delivery; one that only looks like it is another.
      await run.signal("go", name, { requestId: name });
    }
    assert.deepEqual(await run.result(), names);
    assert.deepEqual(SENT.map(({ ref }) => ref).toSorted(), names.toSorted());
    assert.equal(new Set(SENT.map(({ key }) => key)).size, names.length);
    const signals = (await engine.history("family")).flatMap(({ entry }) =>
      entry.kind === "signal" ? [entry.id] : [],
    );
    assert.deepEqual(signals, names);
  });
});

test("a signal that comes too late in its turn is not taken for delivered when it is sent again", async () => {
  await inEngine(async (engine) => {
    const run = await engine.client.start(family, [], { id: "short", delay: "1d" });
    const late = {
      kind: "signal",
      id: "short",
      signal: "go",
      payload: '"x"',
      requestId: "late",
    } as const;
    const closed = (error: unknown): boolean => hasCode(error, "HF-RUN-CLOSED");
    const ended = engine.apply([{ kind: "terminate", id: "short", reason: "test" }]);
    await assert.rejects(engine.apply([late]), closed);
    await ended;
    await assert.rejects(engine.apply([late]), closed);
    assert.equal((await run.describe()).status, "terminated");
  });
});

const invalid = (error: unknown): boolean => hasCode(error, "HF-ID-INVALID");

for (const [what, id] of Object.entries(BAD)) {
  test(`an id with ${what} is refused wherever it is given, and nothing is begun`, async () => {
    await inEngine(async (engine) => {
      const { client } = engine;
      const open = await client.start(family, ["a"], { id: "open" });
      const start = { kind: "start", workflow: kid.name, input: '"x"', requestId: "r" } as const;
      for (const attempt of [
        () => client.start(kid, "x", { id }),
        () => client.start(kid, "x", { id: "x", requestId: id }),
        () => client.start(kid, "x", { id: "x", account: id }),
        () => client.start(kid, "x", { id: "x", tags: { [id]: 1 } }),
        () => engine.apply([{ ...start, id, account: "default" }]),
        () => open.signal("go", "x", { requestId: id }),
        () => engine.apply([{ kind: "cancel", id: "open", reason: "x", requestId: id }]),
        () => engine.apply([{ kind: "cursor", name: id, value: "1" }]),
      ]) {
        await assert.rejects(async () => attempt(), invalid, String(attempt));
      }
      for (const how of ["key", "ref", "child", "run", "tag", "value"] as const) {
        // The text must reach the code: half a character would not cross the codec.
        if (!id.isWellFormed()) continue;
        const run = await client.start(naming, { how, name: id }, { id: `naming ${how}` });
        assert.equal(await run.result(), "HF-ID-INVALID", how);
      }
      const ids = (await engine.list()).runs.filter((run) => run.workflow === kid.name);
      assert.deepEqual(ids, []);
      assert.equal((await open.describe()).status, "running");
    });
  });
}
