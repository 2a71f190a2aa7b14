// The guard as people meet it: real commands, a real process with the paper venue, a real receiver of notices.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import type { Ended, Program } from "../fixture/program.ts";
import { TestProject } from "../fixture/project.ts";
import { send } from "../fixture/request.ts";

const notifyEntry = new URL("../notify.ts", import.meta.url).href;
const CONFIG = `workflows: [buyer], guard: guard({
  budgets: [{ per: "agent", span: "total", limit: "200.00" }],
  approval: { above: "90.00" }, duplicates: "off",
}), notify: { channels: [slack({ url: secret("SLACK_URL") })] }`;

interface Status {
  readonly modes: readonly { readonly scope: string; readonly cause: string }[];
  readonly budgets: readonly { readonly spent: string; readonly share: number }[];
  readonly audit: { readonly position: number; readonly hash: string };
}

/** What was told, and who waits to hear something. */
class Ear {
  readonly heard: string[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      this.heard.push((JSON.parse(body) as { readonly text: string }).text);
      response.end("ok");
      for (const tell of this.#waiting.splice(0)) tell();
    });
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async hear(pattern: RegExp): Promise<RegExpExecArray> {
    const late = AbortSignal.timeout(30_000);
    for (;;) {
      for (const text of this.heard) {
        const found = pattern.exec(text);
        if (found !== null) return found;
      }
      if (late.aborted)
        throw new Error(`Never heard ${String(pattern)}:\n${this.heard.join("\n")}`);
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        late.addEventListener("abort", () => {
          resolve();
        });
      });
    }
  }
}

describe("the guard of a running project", () => {
  const ear = new Ear();
  const project = new TestProject(CONFIG, `import { slack } from "${notifyEntry}";`);
  let program: Program;
  before(async () => {
    const env = { SLACK_URL: await ear.open() };
    program = project.start(["dev"], { env });
    await program.until(/open-agent\/default .* is completed/u);
  });
  after(async () => {
    await program[Symbol.asyncDispose]();
    project[Symbol.dispose]();
    ear.server.close();
  });
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await project.run(args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const refused = async (...args: string[]): Promise<Ended> => {
    const ended = await project.run(args);
    assert.equal(ended.code, 1, ended.stdout);
    return ended;
  };
  const guard = async (): Promise<Status> => JSON.parse(await ok("guard", "--json")) as Status;
  const buy = async (id: string, amounts: string[]): Promise<unknown> => {
    await ok("start", "test.buyer", JSON.stringify({ amounts }), "--id", id);
    return JSON.parse(await ok("run", id, "--result", "--wait", "30s"));
  };

  test("guard shows what is spent of a budget, for people and programs", async () => {
    assert.deepEqual(await buy("b1", ["25.00"]), ["bought"]);
    const text = await ok("guard");
    assert.match(text, /^policy version 1 \([0-9a-f]{12}\)$/mu);
    assert.match(text, /^modes FULL everywhere$/mu);
    assert.match(text, /^agent\/total +default +25\.\d+ +200\.00 +12\.5 %$/mu);
    assert.match(text, /^default +purpleflea +10,?0\d\d\.\d+ +/mu);
    assert.match(text, /^audit \d+:[0-9a-f]{64}$/mu);
    assert.ok(!text.includes("#"), "no bar in a pipe");
    const { budgets } = await guard();
    assert.ok((budgets[0]?.share ?? 0) > 0.125);
  });

  test("halt stops what an agent sends, lift lets it go on, and both refuse what makes no sense", async () => {
    const halted = await ok("halt", "--agent", "default", "--reason", "too fast", "--actor", "ann");
    assert.match(halted, /^Halted agent:default\.\nOn disk as epoch \d+: written in \d+ ms, /u);
    assert.match(halted, /^Lift it: holdfast lift --agent default --reason/mu);
    const again = await ok("halt", "--agent", "default", "--reason", "too fast");
    assert.match(again, /it was halted before/u);
    assert.deepEqual(await buy("h1", ["25.00"]), ["HF-GUARD-DENIED"]);
    const shown = await ok("guard");
    assert.match(shown, /^agent:default +HALTED +halt +2\S+ \S+ +ann +too fast$/mu);
    await ear.hear(/\[critical\] agent:default is HALTED/u);
    const other = await refused("lift", "--reason", "wrong scope");
    assert.match(other.stderr, /^HF-GUARD-NOTHING-TO-LIFT$/mu);
    const lifted = await ok("lift", "--agent", "default", "--reason", "seen", "--json");
    assert.equal((JSON.parse(lifted) as { scope: string }).scope, "agent:default");
    await ear.hear(/\[over\] agent:default is HALTED/u);
    assert.deepEqual(await buy("h2", ["10.00"]), ["bought"]);
    assert.match((await refused("halt", "--agent", "a b", "--reason", "x")).stderr, /as a scope/u);
    const both = await refused("halt", "--agent", "a", "--venue", "b", "--reason", "x");
    assert.match(both.stderr, /cannot be used with/u);
    assert.match((await refused("halt")).stderr, /--reason/u);
  });

  test("approve and reject answer once, by somebody else, and exactly what was asked", async () => {
    await ok("start", "test.buyer", '{"amounts":["95.00","96.00"]}', "--id", "a1");
    await ear.hear(/Approve a1\/0\.0: trade\.open, at most 95\.\d+ USDC/u);
    const listed = await ok("approvals");
    const [, id = ""] =
      /^([0-9a-f]{12}) {2}asked {2}trade\.open BTC-PERP \(long\), at most 95\./mu.exec(listed) ??
      [];
    const own = await refused("approve", id, "--actor", "default");
    assert.match(own.stderr, /^HF-APPROVAL-OWN$/mu);
    assert.match((await refused("approve", "abc")).stderr, /^HF-APPROVAL-UNKNOWN$/mu);
    assert.match((await refused("reject", id)).stderr, /--reason/u);
    const done = await ok("reject", id, "--reason", "too much", "--actor", "ann");
    assert.match(done, /^Rejected a1\/0\.0: trade\.open, at most 95\.\d+ USDC\.$/mu);
    const twice = await refused("approve", id, "--actor", "ann");
    await ear.hear(/Approve a1\/0\.1: trade\.open, at most 96\.\d+ USDC/u);
    assert.match(twice.stderr, /it is rejected already\.\nHF-APPROVAL-DECIDED/u);
    assert.match(await ok("approvals", "--show", "rejected"), new RegExp(`^${id} +rejected`, "mu"));
    await ear.hear(/\[over\] Approve a1\/0\.0/u);
  });

  test("a signed link shows what is asked, answers on POST alone, and once", async () => {
    const [, link = ""] = await ear.hear(/Approve a1\/0\.1[^]*?(http:\/\/\S+\/approve\/\S+)/u);
    const { url, token } = project.control();
    assert.ok(link.startsWith(`${url}/approve/`), link);
    const page = await send(link);
    assert.equal(page.status, 200);
    const text = String(page.body["text"]);
    assert.match(text, /trade\.open<[^]*96\.\d+ USDC<[^]*BTC-PERP<[^]*default</u);
    assert.match(String(page.headers["content-security-policy"]), /default-src 'none'/u);
    assert.equal(page.headers["cache-control"], "no-store");
    assert.ok(!text.includes(token));
    // Looking answers nothing.
    assert.match(await ok("approvals"), /asked {2}trade\.open BTC-PERP \(long\), at most 96\./u);
    const post = (to: string, body: string, headers = {}) =>
      send(to, {
        method: "POST",
        body,
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      });
    const yes = "verdict=approve&actor=ann&reason=fine";
    const forged = link.replace(
      /sign=.(.)/u,
      (_all, one: string) => `sign=${one === "A" ? "B" : "A"}${one}`,
    );
    assert.notEqual(forged, link);
    assert.equal((await post(forged, yes)).status, 404);
    assert.equal((await post(link.replace(/\?.*$/u, ""), yes)).status, 404);
    assert.equal((await post(link, yes, { origin: "https://evil.example" })).status, 403);
    assert.equal((await send(link, { headers: { host: "evil.example" } })).status, 403);
    assert.equal((await post(link, "verdict=maybe&actor=ann")).status, 422);
    assert.equal((await post(link, `${yes}&more=${"x".repeat(20_000)}`)).status, 413);
    const answered = await post(link, yes, { origin: url });
    assert.equal(answered.status, 200);
    assert.match(String(answered.body["text"]), /<strong>approved<\/strong> by ann/u);
    assert.equal((await post(link, yes)).status, 409);
    assert.match(String((await send(link)).body["text"]), /<strong>approved<\/strong> by ann/u);
    // The run has waited, and goes on.
    const outcomes = JSON.parse(await ok("run", "a1", "--result", "--wait", "30s")) as unknown;
    assert.deepEqual(outcomes, ["HF-GUARD-DENIED", "bought"]);
    const log = await ok("audit", "--limit", "50");
    assert.match(log, /ann +approval approved +a1\/0\.1 +fine \(by signed link\)$/mu);
    // No journal holds the link itself.
    const [, signature = ""] = /sign=(\S+)/u.exec(link) ?? [];
    for (const name of ["journal.sqlite", "journal.sqlite-wal"]) {
      if (existsSync(project.state(name)))
        assert.ok(!readFileSync(project.state(name), "latin1").includes(signature), name);
    }
    assert.ok(!program.output.includes(signature));
  });

  test("a budget is told at 80 % and when it is spent, and lets nothing more through", async () => {
    assert.ok(((await guard()).budgets[0]?.share ?? 1) < 0.8);
    assert.deepEqual(await buy("c1", ["31.00"]), ["bought"]);
    await ear.hear(/\[warning\] Budget agent\/total of default: 80 % are spent/u);
    const left = 200 - Number((await guard()).budgets[0]?.spent);
    assert.deepEqual(await buy("c2", [(left / 1.002).toFixed(2)]), ["bought"]);
    await ear.hear(/\[critical\] Budget agent\/total of default: it is spent/u);
    assert.deepEqual(await buy("c3", ["25.00"]), ["HF-GUARD-DENIED"]);
    assert.match(await ok("audit", "--limit", "5"), /guard denied +c3\/0\.0 +BUDGET: /u);
    const told = ear.heard.filter((text) => /80 % are spent/u.test(text));
    assert.equal(told.length, 1, told.join("\n"));
  });

  test("audit tells what was decided, and verify that nothing of it was changed", async () => {
    const newest = await ok("audit", "--limit", "3");
    assert.equal(newest.trim().split("\n").length, 4);
    const { rows } = JSON.parse(await ok("audit", "--after", "0", "--limit", "2", "--json")) as {
      readonly rows: readonly { readonly position: number }[];
    };
    assert.deepEqual(
      rows.map(({ position }) => position),
      [1, 2],
    );
    const whole = await ok("audit", "verify");
    const [, head = ""] = /--head (\d+:[0-9a-f]{64})$/mu.exec(whole) ?? [];
    assert.match(await ok("audit", "verify", "--head", head), /is whole/u);
    const other = await refused(
      "audit",
      "verify",
      "--head",
      head.replace(/.$/u, (last) => (last === "0" ? "1" : "0")),
    );
    assert.match(other.stdout, /broken at position \d+: the row there is not/u);
    assert.match((await refused("audit", "verify", "--head", "7")).stderr, /^HF-AUDIT-HEAD$/mu);
  });
});

test("losses halt an agent and close what it has, also where the process dies as they do", async () => {
  const guard = 'guard({ budgets: "none", loss: { minBalance: "9990.00" } })';
  using project = new TestProject(`workflows: [buyer], guard: ${guard}`);
  {
    await using program = project.start(["dev"]);
    await program.until(/open-agent\/default .* is completed/u);
    await project.run(["start", "test.buyer", '{"amounts":["25.00","30.00"]}', "--id", "b"]);
    await program.until(/agent:default: FULL → HALTED \(balance: /u);
    program.kill("SIGKILL");
    await program.ended();
  }
  await using program = project.start(["dev"]);
  await program.until(/run close-all\/\w+\/default .* is completed/u);
  const { stdout } = await project.run(["venue", "positions", "--json"]);
  assert.deepEqual((JSON.parse(stdout) as { readonly positions: unknown[] }).positions, []);
  const { stdout: result } = await project.run(["run", "b", "--result", "--wait", "30s"]);
  assert.deepEqual(JSON.parse(result), ["bought", "HF-GUARD-DENIED"]);
});

describe("the guard where no process runs", () => {
  const project = new TestProject('workflows: [buyer], guard: guard({ budgets: "none" })');
  after(() => {
    project[Symbol.dispose]();
  });
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await project.run(args);
    assert.equal(code, 0, stderr);
    return stdout;
  };

  test("halt writes the journal itself; the next process, with other code and another policy, finds it", async () => {
    const nothing = await project.run(["halt", "--reason", "early"]);
    assert.match(nothing.stderr, /^HF-NOT-RUNNING$/mu);
    {
      await using program = project.start(["serve"]);
      await program.until(/Stop with Ctrl-C/u);
      await project.run(["runs"]);
    }
    const halted = await ok("halt", "--close-all", "--reason", "night");
    assert.match(halted, /No process runs; the next start finds it halted\./u);
    assert.match(await ok("guard"), /^project +HALTED +halt /mu);
    project.configure(
      'workflows: [buyer], guard: guard({ version: 2, budgets: "none", freshness: "off" })',
    );
    await using program = project.start(["dev"]);
    const [, first = ""] = await program.until(/run (close-all\/\w+\/default) .* is completed/u);
    // Something may have come later: whoever asks again gets another look, and two who do get the same.
    const again = (reason: string) => ok("halt", "--close-all", "--reason", reason);
    for (const halted of await Promise.all([again("late"), again("later")]))
      assert.match(halted, new RegExp(`^Closing everything: holdfast run ${first}/2$`, "mu"));
    const started = await ok("start", "test.buyer", '{"amounts":["25.00"]}', "--id", "n1");
    assert.equal(started, "Started run n1.\n");
    assert.deepEqual(JSON.parse(await ok("run", "n1", "--result", "--wait", "30s")), [
      "HF-GUARD-DENIED",
    ]);
    assert.match(
      await ok("lift", "--reason", "day"),
      /^Lifted project: it was HALTED \(halt\)\.$/mu,
    );
  });

  test("verify finds a changed row, a removed one and a swapped pair, and so does doctor", async () => {
    const verify = async (): Promise<Ended> => project.run(["audit", "verify"]);
    assert.equal((await verify()).code, 0);
    const change = (sql: string): void => {
      const database = new DatabaseSync(project.state("journal.sqlite"));
      database.exec(sql);
      database.close();
    };
    const broken = async (position: number, why: RegExp): Promise<void> => {
      const { code, stdout } = await verify();
      assert.equal(code, 1);
      assert.match(stdout, new RegExp(`broken at position ${position}: `, "u"));
      assert.match(stdout, why);
    };
    change("UPDATE guard_audit SET reason = reason || '!' WHERE position = 3");
    await broken(3, /is not what was written/u);
    const doctor = await project.run(["doctor"]);
    assert.equal(doctor.code, 1);
    assert.match(doctor.stdout, /^problem +audit log: broken at position 3 \(changed\)$/mu);
    change(
      "UPDATE guard_audit SET reason = substr(reason, 1, length(reason) - 1) WHERE position = 3",
    );
    assert.equal((await verify()).code, 0);
    change(
      "UPDATE guard_audit SET position = -2 WHERE position = 2; UPDATE guard_audit SET position = 2 WHERE position = 3; UPDATE guard_audit SET position = 3 WHERE position = -2",
    );
    await broken(2, /is not what was written/u);
    change("DELETE FROM guard_audit WHERE position = 2");
    await broken(2, /a row is missing/u);
  });
});
