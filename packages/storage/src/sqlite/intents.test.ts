// Intents in SQLite under the contract, and what a file says that is none.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hasCode } from "@holdfast/core";
import {
  type IntentStoreContractOptions,
  breakerStoreContract,
  intentStoreContract,
} from "@holdfast/testing";
import { openSqliteIntents } from "../index.ts";

const options: IntentStoreContractOptions = {
  name: "SQLite",
  async place() {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-intents-"));
    return {
      open: async () => openSqliteIntents(join(folder, "intents.sqlite")),
      remove: async () => {
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};
intentStoreContract(options);
breakerStoreContract(options);

void test("openSqliteIntents() names a file that it cannot open", () => {
  assert.throws(
    () => openSqliteIntents("/nowhere/intents.sqlite"),
    (error) => hasCode(error, "HF-INTENTS-FAILED") && error.message.includes("/nowhere"),
  );
});
