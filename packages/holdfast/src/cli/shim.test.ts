// The bin on a machine whose Node is too old: the project's own Node runs it, or one line says what is needed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { test } from "node:test";
import { TestProject, plan } from "../fixture/project.ts";

/** A Node older than 24, where the machine has one. */
const old = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => {
  if (!existsSync(path)) return false;
  const version = execFileSync(path, ["--version"], { encoding: "utf8" });
  return Number.parseInt(version.slice(1), 10) < 24;
});
const skip = old === undefined ? "this machine has no older Node" : false;

test(
  "the bin restarts on the project's own Node, and a kill leaves no engine behind",
  { skip },
  async () => {
    using project = new TestProject(`fleet: [${plan(200)}]`);
    await using program = project.start(["dev"], { node: old ?? "" });
    await program.until(/dca\/1/u);
    const { pid } = project.control();
    assert.notEqual(pid, program.pid, "the engine is a process of its own");
    program.kill("SIGKILL");
    await program.ended();
    // The same state can be had at once: whoever owned it is gone, or about to be.
    await using again = project.start(["dev"], { node: old ?? "" });
    await again.until(/dca\/\d+[^]*dca\/\d+/u);
    again.kill("SIGINT");
    const { code, stdout } = await again.ended();
    assert.equal(code, 0);
    assert.match(stdout, /0 twice\./u);
  },
);

test("the bin passes on the exit code and the output of the other Node", { skip }, async () => {
  using project = new TestProject();
  const version = await project.run(["--version"], { node: old ?? "" });
  assert.deepEqual([version.code, version.stderr], [0, ""]);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/u);
  assert.equal((await project.run(["runs"], { node: old ?? "" })).code, 1);
});

test("the bin says in one line that nothing new enough is there", { skip }, async () => {
  using project = new TestProject();
  // What stands in for the project's own Node is as old.
  mkdirSync(project.folder.join("node_modules", ".bin"), { recursive: true });
  const fake = project.folder.write(
    "node_modules/.bin/node",
    `#!/bin/sh\nexec ${old ?? ""} "$@"\n`,
  );
  chmodSync(fake, 0o755);
  const { code, stdout, stderr } = await project.run(["dev"], { node: old ?? "" });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^holdfast needs Node 24 or newer; this is \d+\.\d+\.\d+\. [^\n]*\n$/u);
});
