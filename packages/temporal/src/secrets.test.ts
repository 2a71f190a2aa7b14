// TLS and API keys on a real Temporal server behind fronts of the test's own: they are passed through to both
// connections, and nothing that is said holds one of them.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Log, hasCode, toFailure } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { openSqliteIntents } from "@holdfast/storage";
import { certificateIn, keyFront, tlsFront } from "./fixture/fronts.ts";
import { visit } from "./fixture/shop.ts";
import type { TemporalOptions } from "./options.ts";
import { temporal } from "./temporal.ts";

const address = process.env["HOLDFAST_TEMPORAL"] ?? "";
const skip =
  address === ""
    ? "HOLDFAST_TEMPORAL is not set: npm run services -- temporal -- npm test -- packages/temporal"
    : false;
const API_KEY = "tmprl_0123456789_secret";

/** A project that remembers everything it was told. */
class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-secrets-"));
  readonly heard: string[] = [];
  readonly #own = randomUUID().slice(0, 8);

  constructor(context: TestContext) {
    context.after(() => {
      rmSync(this.folder, { recursive: true, force: true });
    });
    // The SDK writes past every log that it is given.
    for (const stream of [process.stdout, process.stderr]) {
      const write = context.mock.method(stream, "write");
      context.after(() => {
        for (const { arguments: given } of write.mock.calls) this.heard.push(String(given[0]));
      });
    }
  }

  /** Runs one run to its end behind a front. */
  async visit(options: Partial<TemporalOptions>): Promise<void> {
    await using intents = openSqliteIntents(join(this.folder, `${randomUUID()}.sqlite`));
    const at = (level: string) => (message: string, fields?: object) =>
      void this.heard.push(`${level} ${message} ${JSON.stringify(fields)}`);
    const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
    const own = this.#own;
    const given = { address, namespace: "holdfast", taskQueue: own, prefix: `${own}/`, intents };
    const factory = temporal({ ...given, setup: true, drainMs: 1e3, ...options });
    this.heard.push(factory.name);
    const engine = await factory
      .open({
        modules: [fileURLToPath(new URL("fixture/shop.ts", import.meta.url))],
        workflows: [visit],
        activities: [],
        resources: [],
        clock: systemClock,
        log,
      })
      .catch((error: unknown) => {
        this.heard.push(inspected(error));
        throw error;
      });
    try {
      const run = await engine.client.start(visit, undefined, { id: randomUUID() });
      assert.equal((await run.result({ timeout: "1m" })).attempts, 3);
      const findings = await factory.examine?.({ keyTtlMs: undefined, workflows: [visit.name] });
      this.heard.push(JSON.stringify(findings));
    } finally {
      await engine.close();
    }
  }

  silentAbout(...secrets: readonly string[]): void {
    assert.ok(this.heard.length > 0);
    for (const said of this.heard) {
      for (const secret of secrets) assert.ok(!said.includes(secret), "a secret was told");
    }
  }
}

/** Everything of an error that anybody could print. */
function inspected(error: unknown): string {
  const { stack = "", cause } = error instanceof Error ? error : { stack: String(error) };
  return `${JSON.stringify(toFailure(error))} ${stack} ${cause === undefined ? "" : inspected(cause)}`;
}

test(
  "temporal() speaks TLS, with a certificate of its own where one is asked for",
  { skip },
  async (context) => {
    const stage = new Stage(context);
    const server = certificateIn(stage.folder, "server");
    const client = certificateIn(stage.folder, "client");
    await using front = await tlsFront(address, server);
    const serverRootCACertificate = server.cert;
    await stage.visit({ address: front.address, tls: { serverRootCACertificate } });

    await assert.rejects(stage.visit({ address: front.address, tls: true }), (error) =>
      hasCode(error, "HF-TEMPORAL-UNREACHABLE"),
    );
    await assert.rejects(stage.visit({ address: front.address }), (error) =>
      hasCode(error, "HF-TEMPORAL-UNREACHABLE"),
    );

    await using strict = await tlsFront(address, server, client);
    const clientCertPair = { crt: client.cert, key: client.key };
    await stage.visit({
      address: strict.address,
      tls: { serverRootCACertificate, clientCertPair },
    });
    await assert.rejects(
      stage.visit({ address: strict.address, tls: { serverRootCACertificate } }),
      (error) => hasCode(error, "HF-TEMPORAL-UNREACHABLE"),
    );
    stage.silentAbout(client.key.toString("utf8").split("\n")[1] ?? "?");
  },
);

test(
  "temporal() brings its API key with every question, and tells it to nobody",
  { skip },
  async (context) => {
    const stage = new Stage(context);
    await using front = await keyFront(address, API_KEY);
    const at = { address: front.address, tls: false };
    await stage.visit({ ...at, apiKey: API_KEY });

    const isDenied = (error: unknown): boolean => {
      assert.ok(hasCode(error, "HF-TEMPORAL-DENIED"), String(error));
      return true;
    };
    await assert.rejects(stage.visit({ ...at, apiKey: `${API_KEY}-not` }), isDenied);
    await assert.rejects(stage.visit(at), isDenied);
    // One that was read from a file with its line end cannot be sent at all.
    await assert.rejects(stage.visit({ ...at, apiKey: `${API_KEY}\n` }));
    stage.silentAbout(API_KEY);
  },
);
