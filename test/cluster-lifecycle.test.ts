// How `holdfast serve` begins and ends on a real Temporal cluster: it waits for a server that is away, other
// commands do not, a signal drains, a second one forces.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { OwnServer, Spoken, address, noCluster } from "./harness/cluster.ts";

const BIN = fileURLToPath(import.meta.resolve("holdfast/bin"));
const skip = noCluster;
/** One press of Ctrl-C may arrive twice; a second one counts from then on. */
const SECOND_PRESS_MS = 700;

/** A project with a call that ends when it is told to, or never. */
class Project implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-lifecycle-"));

  constructor(at: string, ms: number) {
    const own = randomUUID().slice(0, 8);
    const options = { address: at, namespace: "holdfast", taskQueue: own, prefix: `${own}/` };
    const from = (name: string): string => import.meta.resolve(name);
    writeFileSync(
      join(this.folder, "work.ts"),
      `import { activity, workflow } from "${from("@holdfast/core")}";
// A schema library that is imported by its path would go into the bundle whole.
const nothing = { "~standard": { version: 1, vendor: "test", validate: () => ({ value: undefined }) } } as const;
export const hang = activity({ name: "life.hang", input: nothing, output: nothing, effect: "none", timeouts: { attempt: "10m" },
  run: () => new Promise<void>((resolve) => { setTimeout(resolve, ${ms}); }) });
export const hanging = workflow({ name: "life.hanging", input: nothing, output: nothing,
  run: async (ctx) => { await ctx.call(hang, undefined); } });
`,
    );
    writeFileSync(
      join(this.folder, "holdfast.config.ts"),
      `import { defineConfig, paper, run } from "${from("holdfast")}";
import { temporal } from "${from("@holdfast/temporal")}";
import { hanging } from "./work.ts";
export default defineConfig({
  engine: temporal(${JSON.stringify({ ...options, setup: true, drainMs: 5_000 })}),
  venue: paper(),
  fleet: [run(hanging, undefined, { id: "h" })],
});
`,
    );
  }

  start(...args: readonly string[]): Spoken {
    return new Spoken([BIN, ...args], { cwd: this.folder });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

test(
  "serve waits for a server that is away, and says so; other commands do not wait",
  { skip },
  async () => {
    await using server = await OwnServer.start("temporal");
    using project = new Project(server.address, 1);
    await server.order("halt");

    await using stopped = project.start("serve");
    await stopped.until(/Cannot reach the Temporal server at .* Asking again in 500 ms/u);
    stopped.process.kill("SIGTERM");
    assert.match(await stopped.ended(), /Stopped\. Nothing was started\./u);
    assert.equal(stopped.process.exitCode, 0);

    const doctor = project.start("doctor");
    assert.match(await doctor.ended(), /problem +server: Cannot reach the Temporal server/u);
    assert.equal(doctor.process.exitCode, 1);

    await using host = project.start("serve");
    await host.until(/Asking again/u);
    await server.order("resume");
    await host.until(/Stop with Ctrl-C/u);
    await until(project, /h is completed/u);
    await host.kill("SIGTERM");
    assert.equal(host.process.exitCode, 0, host.said);
  },
);

test("a signal lets an attempt end, a second one ends at once", { skip }, async () => {
  using short = new Project(address, 2_000);
  await using drained = short.start("dev");
  await drained.until(/Stop with Ctrl-C/u);
  await until(short, /running, attempt 1/u);
  await drained.kill("SIGTERM");
  assert.match(drained.said, /Stopping; calls in flight: 1/u);
  assert.match(drained.said, /Everything acknowledged is on disk/u);
  assert.equal(drained.process.exitCode, 0, drained.said);

  using endless = new Project(address, 600_000);
  await using forced = endless.start("serve");
  await forced.until(/Stop with Ctrl-C/u);
  await until(endless, /running, attempt 1/u);
  forced.process.kill("SIGTERM");
  await pause(SECOND_PRESS_MS);
  await forced.kill("SIGTERM");
  assert.equal(forced.process.exitCode, 130, forced.said);
  assert.match(forced.said, /Forced\. The same command goes on/u);
});

/** Asks about the run until the command line shows it so. */
async function until(project: Project, pattern: RegExp): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    const asked = project.start("run", "h");
    if (pattern.test(await asked.ended())) return;
  }
  assert.fail(`Never shown: ${String(pattern)}`);
}
