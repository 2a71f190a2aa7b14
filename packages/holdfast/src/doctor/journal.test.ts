// What the doctor says of a journal's time and of runs that wait for a person.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { openEngine, systemClock } from "@holdfast/engine";
import { testWorkflows } from "../fixture/definitions.ts";
import { TestFolder } from "../fixture/folder.ts";
import { checkJournalFile } from "./journal.ts";

test("checkJournalFile() sees a clock that went back, and runs that wait for a person", async () => {
  using folder = new TestFolder();
  const path = folder.join("journal.sqlite");
  {
    await using engine = await openEngine({ path, definitions: testWorkflows });
    const failing = testWorkflows.find(({ name }) => name === "test.failing");
    const doubtful = testWorkflows.find(({ name }) => name === "test.doubtful");
    assert.ok(failing !== undefined && doubtful !== undefined);
    await assert.rejects((await engine.client.start(failing, undefined, { id: "f" })).result());
    await engine.client.start(doubtful, undefined, { id: "d" });
    while ((await engine.describe("d")).status !== "in-doubt") await engine.idle();
  }
  const now = systemClock.now();
  const found = (at: number, about: string) =>
    checkJournalFile(path, at).findings.find((finding) => finding.about === about);
  assert.equal(found(now, "clock")?.level, "fine");
  assert.equal(found(now - 30_000, "clock")?.level, "warn");
  const back = found(now - 7_200_000, "clock");
  assert.equal(back?.level, "problem");
  assert.match(back.says, /is (?:2 h|1 h 59 min) ?.*in the future$/u);
  assert.deepEqual(found(now, "open runs"), {
    about: "open runs",
    level: "warn",
    says: "1 in-doubt",
    advice: "Look at the venue, then: holdfast resolve.",
  });
  assert.equal(found(now, "dead letters")?.says, "2");
});

test("checkJournalFile() says that a journal was restored, and until when that matters", async () => {
  using folder = new TestFolder();
  const path = folder.join("journal.sqlite");
  const opened = async (): Promise<void> => {
    await using engine = await openEngine({ path, definitions: testWorkflows });
    const failing = testWorkflows.find(({ name }) => name === "test.failing");
    assert.ok(failing !== undefined);
    await engine.client.start(failing, undefined, { id: "f", onClosed: "attach" });
    await engine.idle();
  };
  const found = (after: number) =>
    checkJournalFile(path, systemClock.now() + after).findings.find(
      ({ about }) => about === "restored",
    );
  await opened();
  assert.equal(found(0), undefined);
  rmSync(`${path}.mark`);
  await opened();
  assert.equal(found(0)?.level, "warn");
  assert.match(found(0)?.says ?? "", /^restored or copied, noticed 20/u);
  assert.equal(found(7_200_000)?.level, "fine");
});
