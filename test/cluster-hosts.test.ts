// Several hosts of one project on a Temporal cluster, as docs/guides/scale-out-temporal.md says it: the guide's own
// configuration, two hosts with a state folder each, and one store of intents in PostgreSQL.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openPostgresIntents } from "@holdfast/storage";
import { Spoken, Stage, address, noPostgres } from "./harness/cluster.ts";

const BIN = fileURLToPath(import.meta.resolve("holdfast/bin"));
const GUIDE = new URL("../docs/guides/scale-out-temporal.md", import.meta.url);
const PERIODS = 4;
/** In place of the guide's year. */
const PLAN = `every: "500ms", periods: ${PERIODS}, spacingMs: 0`;
/** The step in whose purchase a host dies. */
const STEP = 1;

/** The guide's configuration for several hosts, with packages where the repository has them. */
function configuration(): string {
  const [, code = ""] =
    /several hosts[^]*?```ts\n([^]*?)```/iu.exec(readFileSync(GUIDE, "utf8")) ?? [];
  assert.match(code, /openPostgresIntents/u);
  const quick = code.replace(/every: "1w",\s*periods: 52/u, PLAN);
  assert.notEqual(quick, code);
  return quick.replaceAll(/from "([^"]+)"/gu, (_all, name: string) => {
    return `from ${JSON.stringify(import.meta.resolve(name))}`;
  });
}

/** A host's folder, and its processes. */
class HostFolder implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "holdfast-host-"));
  readonly #env: Readonly<Record<string, string>>;

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
    writeFileSync(join(this.#folder, "holdfast.config.ts"), configuration());
  }

  run(...args: readonly string[]): Spoken {
    return new Spoken([BIN, ...args], { cwd: this.#folder, env: this.#env });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

test(
  "of two hosts with one store of intents one is killed in a purchase, and the other goes on",
  { skip: noPostgres },
  async () => {
    await using stage = await Stage.open({ periods: PERIODS });
    const url = process.env["HOLDFAST_POSTGRES"] ?? "";
    const env = {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_QUEUE: stage.own,
      INTENTS_URL: url,
      INTENTS_SCHEMA: `hosts_${stage.own}`,
      VENUE_URL: stage.sandbox.url,
      PURPLEFLEA_API_KEY: stage.key,
    };
    using one = new HostFolder(env);
    using two = new HostFolder(env);
    stage.hold(STEP);
    await using first = one.run("serve");
    await first.until(/Stop with Ctrl-C/u);
    await stage.held();
    await using second = two.run("serve");
    await second.until(/Stop with Ctrl-C/u);
    await first.kill();
    await stage.release();
    await using waiting = two.run("run", "dca-btc", "--wait", "90s", "--result");
    const said = await waiting.ended();
    assert.equal(waiting.process.exitCode, 0, said + second.said);
    assert.deepEqual(stage.counts(), [PERIODS, PERIODS, 0]);
    await second.kill("SIGTERM");
    assert.equal(second.process.exitCode, 0, second.said);
    await using intents = await openPostgresIntents({ url, schema: env.INTENTS_SCHEMA });
    const found = await intents.list();
    assert.equal(found.length, PERIODS, "both hosts kept their intents in the one store");
    assert.ok(found.every(({ state }) => state === "done"));
  },
);

test(
  "commands beside a host do not wait for its store of intents",
  { skip: noPostgres },
  async () => {
    using bare = new HostFolder({
      TEMPORAL_ADDRESS: address,
      TEMPORAL_QUEUE: "bare",
      // Nobody listens there.
      INTENTS_URL: "postgres://nobody@127.0.0.1:1/none",
      INTENTS_SCHEMA: "bare",
      VENUE_URL: "http://127.0.0.1:1",
    });
    await using doctor = bare.run("doctor", "--json");
    const said = await doctor.ended();
    assert.match(said, /"about": *"intents"/u);
    assert.doesNotMatch(said, /HF-CONFIG-FAILED/u);
  },
);
