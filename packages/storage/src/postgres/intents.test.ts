// Intents in PostgreSQL under the contract, on a real server, and what is said of one that cannot be used.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { hasCode } from "@holdfast/core";
import {
  type IntentStoreContractOptions,
  breakerStoreContract,
  intentStoreContract,
} from "@holdfast/testing";
import { Client } from "pg";
import { openPostgresIntents } from "../index.ts";
import { PostgresDatabase } from "./database.ts";

const url = process.env["HOLDFAST_POSTGRES"];

if (url === undefined) {
  const why =
    "PostgreSQL is not there: npm run services -- postgres -- npm test. Its store of intents was NOT tested.";
  void test("intents in PostgreSQL", { skip: why }, () => undefined);
} else {
  const options: IntentStoreContractOptions = {
    name: "PostgreSQL",
    async place() {
      const schema = `test ${randomBytes(6).toString("hex")}`;
      return {
        open: () => openPostgresIntents({ url, schema, connections: 4 }),
        remove: () => dropSchema(url, schema),
      };
    },
  };
  intentStoreContract(options);
  breakerStoreContract(options);

  void test("many that open an empty database at once make its tables once", async () => {
    const schema = `test_${randomBytes(6).toString("hex")}`;
    const stores = await Promise.all(
      Array.from({ length: 4 }, () => openPostgresIntents({ url, schema, connections: 1 })),
    );
    for (const store of stores) assert.deepEqual(await store.list(), []);
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
    await dropSchema(url, schema);
  });

  void test("commits wait for the disk, whatever the server's default is", async () => {
    const schema = `test_${randomBytes(6).toString("hex")}`;
    await using admin = await connected(url);
    await admin.client.query("ALTER ROLE CURRENT_USER SET synchronous_commit = off");
    await using database = await PostgresDatabase.open({ url, schema }, "");
    const [row] = await database.rows("SHOW synchronous_commit", []);
    assert.deepEqual(row, { synchronous_commit: "on" });
    await admin.client.query("ALTER ROLE CURRENT_USER RESET synchronous_commit");
    await dropSchema(url, schema);
  });

  void test("a wrong password is named as such, and not told", async () => {
    const wrong = new URL(url);
    wrong.password = "sesame-0815";
    await assert.rejects(openPostgresIntents({ url: wrong.href }), (error: unknown) => {
      assert.ok(hasCode(error, "HF-INTENTS-FAILED"));
      assert.match(error.message, /password authentication failed/u);
      assert.doesNotMatch(JSON.stringify(error) + error.message, /sesame/u);
      return true;
    });
  });
}

void test("a server that does not answer is named, without its password", async () => {
  const nobody = "postgres://ada:sesame-0815@127.0.0.1:1/agents";
  await assert.rejects(openPostgresIntents({ url: nobody }), (error: unknown) => {
    assert.ok(hasCode(error, "HF-INTENTS-FAILED"));
    assert.match(error.message, /127\.0\.0\.1:1\/agents \(schema holdfast\).*ECONNREFUSED/u);
    assert.doesNotMatch(error.message, /sesame/u);
    return true;
  });
});

void test("an address that is none is refused before anything is tried", async () => {
  for (const address of ["", "agents", "mysql://ada:sesame@127.0.0.1/agents"]) {
    await assert.rejects(
      openPostgresIntents({ url: address }),
      /the address must be like "postgres:/u,
    );
  }
});

async function connected(
  connectionString: string,
): Promise<AsyncDisposable & { readonly client: Client }> {
  const client = new Client({ connectionString });
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

async function dropSchema(from: string, schema: string): Promise<void> {
  await using admin = await connected(from);
  await admin.client.query(`DROP SCHEMA "${schema}" CASCADE`);
}
