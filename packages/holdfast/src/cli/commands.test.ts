// The commands against a running process: what they print for people, what for programs, and how they refuse.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Ended, Program } from "../fixture/program.ts";
import { TestProject } from "../fixture/project.ts";

describe("commands for a running process", () => {
  const project = new TestProject("workflows: testWorkflows");
  let program: Program;
  before(async () => {
    program = project.start(["dev"]);
    await program.until(/open-agent\/default .* is completed/u);
  });
  after(async () => {
    await program[Symbol.asyncDispose]();
    project[Symbol.dispose]();
  });
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await project.run(args);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    return stdout;
  };
  const refused = async (...args: string[]): Promise<Ended> => {
    const ended = await project.run(args);
    assert.equal(ended.code, 1, ended.stdout);
    assert.equal(ended.stdout, "");
    return ended;
  };
  const order = '{"symbol":"BTC-PERP","amountUsd":"25.00","legs":[1]}';

  test("start starts a run, attaches to it, and prints JSON where it is asked to", async () => {
    assert.equal(await ok("start", "test.gate", "--id", "g1"), "Started run g1.\n");
    assert.equal(
      await ok("start", "test.gate", "--id", "g1"),
      "Run g1 exists already; attached to it.\n",
    );
    const started = JSON.parse(await ok("start", "test.echo", order, "--json")) as Started;
    assert.match(started.id, /^test\.echo-/u);
    assert.equal(started.created, true);
  });

  test("start refuses an unknown workflow, bad JSON and a bad input, each with a way out", async () => {
    const unknown = await refused("start", "test.gat");
    assert.match(unknown.stderr, /^error Cannot find workflow "test\.gat": .*test\.gate/u);
    assert.match(unknown.stderr, /^HF-WORKFLOW-UNKNOWN$/mu);
    const broken = await refused("start", "test.echo", "{symbol:1}");
    assert.match(broken.stderr, /Cannot read the input as JSON: .*Quote it for the shell/u);
    const bad = await refused("start", "test.echo", order.replace('"25.00"', "25"));
    assert.match(bad.stderr, /^error Cannot accept the input of workflow test\.echo: amountUsd: /u);
    const account = await refused("start", "test.gate", "--account", "nobody");
    assert.match(account.stderr, /the project has default\./u);
    const exists = await refused("start", "test.gate", "--id", "g1", "--on-open", "fail");
    assert.match(exists.stderr, /already running since/u);
  });

  test("runs lists runs as a table and as JSON, filtered", async () => {
    await ok("start", "test.gate", "--id", "list-1");
    const text = await ok("runs", "--id", "list-");
    assert.match(
      text,
      /^id +workflow +account +status +started +wakes\nlist-1 +test\.gate +default +running +2/u,
    );
    const page = JSON.parse(await ok("runs", "--json", "--id", "list-")) as { runs: unknown[] };
    assert.equal(page.runs.length, 1);
    assert.equal(await ok("runs", "--status", "stuck"), "No runs.\n");
    const paged = await ok("runs", "--limit", "1");
    assert.match(paged, /More: --cursor \d+\n$/u);
    assert.match((await refused("runs", "--status", "opened")).stderr, /status: .*"open"/u);
  });

  test("signal, query and cancel reach a run, and run waits for its result", async () => {
    await ok("start", "test.gate", "--id", "g2");
    assert.match((await refused("run", "g2", "--result")).stderr, /HF-RESULT-TIMEOUT/u);
    assert.match((await refused("run", "g2", "--wait", "100ms")).stderr, /HF-RESULT-TIMEOUT/u);
    await ok("signal", "g2", "nudge");
    assert.deepEqual(JSON.parse(await ok("query", "g2", "state")), {
      opened: false,
      nudges: 1,
      amount: "25000000n",
    });
    assert.match((await refused("signal", "g2", "opne")).stderr, /it declares open, nudge/u);
    const waiting = project.run(["run", "g2", "--result", "--wait"]);
    await ok("signal", "g2", "open", '{"by":"a test"}');
    assert.deepEqual(await waiting, { code: 0, stdout: '"opened by a test"\n', stderr: "" });
    await ok("start", "test.gate", "--id", "g3");
    assert.equal(await ok("cancel", "g3", "--reason", "enough"), "Asked g3 to cancel.\n");
    assert.match((await refused("run", "g3", "--result", "--wait", "30s")).stderr, /enough/u);
    assert.match(await ok("run", "g3"), /^g3 is cancelled \(test\.gate, account default\)\n/u);
  });

  test("run shows history and status for people and programs, and knows no other run", async () => {
    await ok("start", "test.echo", order, "--id", "shown/1");
    await ok("run", "shown/1", "--wait");
    assert.match(
      await ok("run", "shown/1", "--history"),
      /^ +\d+ {2}2\S+ \S+ {2}started +\{"input"/u,
    );
    const entries = JSON.parse(await ok("run", "shown/1", "--history", "--json")) as unknown[];
    assert.ok(entries.length >= 2);
    const exported = await ok("run", "shown/1", "--history", "temporal");
    const { events } = JSON.parse(exported) as { events: { eventType: string }[] };
    assert.equal(events[0]?.eventType, "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED");
    assert.equal(events.at(-1)?.eventType, "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED");
    assert.equal(exported.split("\n").length, 2, "one line for a pipe");
    const older = await refused(..."run shown/1 --history temporal --generation 3".split(" "));
    assert.match(older.stderr, /it has no generation 3, and is in number 0/u);
    const run = JSON.parse(await ok("run", "shown/1", "--json")) as Record<string, unknown>;
    assert.equal(run["status"], "completed");
    const result = JSON.parse(await ok("run", "shown/1", "--result", "--json")) as object;
    assert.deepEqual(Object.keys(result), ["kind", "output"]);
    assert.match((await refused("run", "nobody")).stderr, /no run has this id/u);
    await ok("start", "test.failing", "--id", "f");
    assert.match((await refused("run", "f", "--result", "--wait")).stderr, /as it should/u);
    const failed = await project.run(["run", "f", "--result", "--json"]);
    assert.equal(failed.code, 1);
    assert.equal((JSON.parse(failed.stdout) as Record<string, unknown>)["kind"], "failed");
  });

  test("resolve settles an effect in doubt with a receipt, once", async () => {
    await ok("start", "test.doubtful", "--id", "d1");
    await program.until(/run d1 .* is in-doubt/u);
    const shown = await ok("run", "d1");
    const [, key = ""] = /in-doubt, attempt 1, ref order\/1, key (\w+)\n/u.exec(shown) ?? [];
    assert.match(shown, new RegExp(`settle it: holdfast resolve d1 ${key} done`, "u"));
    const done = ["resolve", "d1", key, "done", "--reason", "seen at the venue"];
    const bad = await refused(...done, "--output", '{"id":"x","paid":25}');
    assert.match(bad.stderr, /the receipt of activity test\.send: paid: /u);
    await ok(...done, "--output", '{"id":"x","paid":"25.00"}', "--actor", "a test");
    assert.deepEqual(JSON.parse(await ok("run", "d1", "--result", "--wait")), {
      id: "x",
      paid: "25000000n",
    });
    const again = await refused(...done, "--output", '{"id":"x","paid":"25.00"}');
    assert.match(again.stderr, /^HF-RUN-CLOSED$/mu);
    assert.match(await ok("run", "d1", "--history"), /"actor":"a test"/u);
    const exported = await project.run(["run", "d1", "--history", "temporal"]);
    assert.match(exported.stderr, /^note call 0 of test\.send was in doubt: /mu);
  });

  test("update prints the answer, or why it was refused", async () => {
    await ok("start", "test.gate", "--id", "u1");
    assert.deepEqual(JSON.parse(await ok("update", "u1", "rename", '"door"')), { before: "gate" });
    const same = await refused("update", "u1", "rename", '"door"');
    assert.match(same.stderr, /it has this name already/u);
    const tagged = await ok("runs", "--tag", "name=door", "--json");
    assert.equal((JSON.parse(tagged) as { runs: unknown[] }).runs.length, 1);
    assert.match(await ok("run", "u1"), /^tags \{"name":"door"\}$/mu);
    assert.equal(await ok("terminate", "u1", "--reason", "test"), "Terminated u1.\n");
  });

  test("dead lists what will not go on, shows it, and resumes one or all", async () => {
    const ids = ["r1", "r2", "r3"];
    for (const id of ids) {
      await ok("start", "test.resumable", `"cli-${id}"`, "--id", id);
      await refused("run", id, "--result", "--wait");
    }
    const only = ["--workflow", "test.resumable"];
    assert.match(
      await ok("dead", "list", ...only),
      /^id +kind +code +class +attempts +first +last +next step\nr3 +failed +TEST-REFUSED +logic +1 .* resume\n/u,
    );
    assert.match(
      await ok("dead", "show", "r1"),
      /a resume calls again: external test\.refused-once, ref cli-r1\/take\nnext: holdfast dead resume r1/u,
    );
    assert.match((await refused("resume", "--reason", "x")).stderr, /^HF-DEAD-UNSAID$/mu);
    assert.equal(await ok("resume", "r1", "--reason", "fixed"), "Resumed r1.\n");
    assert.equal(await ok("run", "r1", "--result", "--wait"), '"taken"\n');
    const all = ["dead", "resume", "--all", ...only, "--reason", "fixed"];
    assert.match(
      await ok(...all, "--dry-run"),
      /^Would resume r3 \(TEST-REFUSED\)\.\nWould resume r2/u,
    );
    assert.match((await refused(...all)).stderr, /add --yes, or look first with --dry-run/u);
    assert.equal(await ok(...all, "--yes"), "Resumed r3.\nResumed r2.\n");
    assert.equal(await ok("dead", "list", ...only), "No dead letters.\n");
    assert.match((await refused("dead", "show", "r1")).stderr, /^HF-NO-DEAD-LETTER$/mu);
  });

  test("resolve refuses what is not in doubt, and what is no resolution", async () => {
    await ok("start", "test.gate", "--id", "g4");
    const none = await refused("resolve", "g4", "key", "not-done", "--reason", "looked");
    assert.match(none.stderr, /HF-NOT-IN-DOUBT/u);
    const odd = await refused("resolve", "g4", "key", "undone", "--reason", "looked");
    assert.match(odd.stderr, /say done \(with --output\), not-done, or resend/u);
  });
});

interface Started {
  readonly id: string;
  readonly created: boolean;
}

describe("without a running process", () => {
  test("help lists every command, with examples, quickly and without a project", async () => {
    using project = new TestProject();
    const { code, stdout } = await project.run(["--help"]);
    assert.equal(code, 0);
    for (const name of [
      "dev",
      "sandbox",
      "serve",
      "init",
      "check",
      "doctor",
      "backup",
      "start",
      "runs",
      "run",
      "signal",
      "query",
      "update",
      "cancel",
      "terminate",
      "resolve",
      "resume",
      "dead",
      "verify",
    ]) {
      assert.match(stdout, new RegExp(`^  ${name} `, "mu"));
    }
    assert.match(stdout, /^Examples:\n {2}holdfast dev/mu);
    const start = await project.run(["start", "--help"]);
    assert.match(start.stdout, /amounts are decimal text/u);
  });

  test("a mistyped command or option is answered, with an exit code", async () => {
    using project = new TestProject();
    const command = await project.run(["rnus"]);
    assert.equal(command.code, 1);
    assert.match(command.stderr, /unknown command 'rnus'[^]*Did you mean runs\?/u);
    const option = await project.run(["dev", "--port", "http"]);
    assert.equal(option.code, 1);
    assert.match(option.stderr, /Expected a port from 0 to 65535/u);
    const duration = await project.run(["dev", "--for", "soon"]);
    assert.match(duration.stderr, /Cannot read "soon" as a duration/u);
  });

  test("commands that act say that nothing runs, and those that look read the journal", async () => {
    using project = new TestProject("workflows: testWorkflows");
    const nothing = await project.run(["runs"]);
    assert.equal(nothing.code, 1);
    assert.match(
      nothing.stderr,
      /^error Cannot find a running process for .*\.holdfast: start one/u,
    );
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      await using program = project.start(["serve"]);
      await program.until(/Stop with Ctrl-C/u);
      const id = `gate-${signal}`;
      await project.run(["start", "test.gate", "--id", id]);
      program.kill(signal);
      await program.ended();
      const { stdout, stderr, code } = await project.run(["runs", "--json"]);
      assert.equal(stderr, "No running process was found; this is read from the journal.\n");
      assert.match(stdout, new RegExp(`"id": "${id}"`, "u"));
      assert.equal(code, 0);
      const run = await project.run(["run", id]);
      assert.match(run.stdout, new RegExp(`^${id} is running \\(test\\.gate`, "u"));
      assert.match((await project.run(["run", id, "--history"])).stdout, / started /u);
      assert.equal((await project.run(["dead", "list"])).stdout, "No dead letters.\n");
      const waited = await project.run(["run", id, "--wait"]);
      assert.match(waited.stderr, /it is open, and no process brings it on/u);
      const acted = await project.run(["signal", id, "nudge"]);
      assert.match(acted.stderr, /^HF-NOT-RUNNING$/mu);
    }
  });

  test("sandbox serves the paper venue alone, at the same address again, and a fleet elsewhere uses it", async () => {
    using venue = new TestProject();
    const ports = ["--port", "0", "--audit-port", "0"];
    await using first = venue.start(["sandbox", ...ports, "--grant", "500.00"]);
    const [, url = ""] = await first.until(/paper venue (\S+) /u);
    const [, audit = ""] = await first.until(/^audit (\S+)$/mu);
    const plan = `{ symbol: "BTC-PERP", amountUsd: "25.00", every: "100ms", periods: 400, spacingMs: 0 }`;
    using project = new TestProject(
      `venue: remote({ baseUrl: "${url}" }), fleet: [run(dca, ${plan}, { id: "far" })]`,
    );
    await using fleet = project.start(["dev"]);
    await fleet.until(/granted 500\.00/u);
    await fleet.until(/far\/2/u);
    first.kill("SIGKILL");
    await first.ended();
    // The same state without ports: those of the last time.
    await using second = venue.start(["sandbox"]);
    await second.until(new RegExp(`paper venue ${url} `, "u"));
    const before = Number(/far\/(\d+)\s*$/u.exec(fleet.output.trimEnd())?.[1] ?? 2);
    await fleet.until(new RegExp(`far/${before + 6}\\b`, "u"));
    fleet.kill("SIGTERM");
    assert.equal((await fleet.ended()).code, 0);
    const found = (await (await fetch(audit)).json()) as Record<string, number>;
    assert.equal(found["duplicateEffects"], 0);
    assert.equal(found["effects"], found["refs"]);
  });
});
