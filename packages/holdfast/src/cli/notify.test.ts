// `notify test` and the notices of a real process: what arrives at a receiver, and what is said where nothing does.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { TestProject } from "../fixture/project.ts";
import type { Program } from "../fixture/program.ts";

const notifyEntry = new URL("../notify.ts", import.meta.url).href;
const SECRET = "s3cret-path";
const CONFIG = `workflows: testWorkflows, notify: { critical: ["f1"], channels: [
  slack({ url: secret("GOOD_URL") }),
  slack({ name: "gone", url: secret("GONE_URL"), from: "critical" }),
] }`;

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, "latin1") : "";
}

describe("notify", () => {
  const project = new TestProject(CONFIG, `import { slack } from "${notifyEntry}";`);
  const heard: string[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let program: Program;
  const server = createServer((request, response: ServerResponse) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      if (request.url === "/gone") return void response.writeHead(410).end();
      heard.push((JSON.parse(body) as { readonly text: string }).text);
      response.end("ok");
      for (const one of waiting) if (heard.length >= one.count) one.resolve();
    });
  });
  const hearing = (count: number): Promise<void> =>
    new Promise((resolve) => {
      if (heard.length >= count) resolve();
      else waiting.push({ count, resolve });
    });

  before(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = { GOOD_URL: `${url}/${SECRET}`, GONE_URL: `${url}/gone` };
    program = project.start(["dev"], { env });
    await program.until(/open-agent\/default .* is completed/u);
  });
  after(async () => {
    await program[Symbol.asyncDispose]();
    project[Symbol.dispose]();
    server.close();
  });

  test("test tells by the channels that take the level, and says who took it", async () => {
    const warned = await project.run(["notify", "test", "--level", "warning"]);
    assert.deepEqual([warned.code, warned.stdout, warned.stderr], [0, "slack: told\n", ""]);
    assert.match(heard.at(-1) ?? "", /^\*\[warning\] A test of the notifier\*/u);
    const json = await project.run(["notify", "test", "--channel", "slack", "--json"]);
    assert.deepEqual(JSON.parse(json.stdout), { told: ["slack"], untold: [] });
  });

  test("test fails where a channel has not taken it, and says which and why", async () => {
    const { code, stdout, stderr } = await project.run(["notify", "test"]);
    assert.equal(code, 1);
    assert.match(stdout, /^slack: told\ngone: Cannot tell channel "gone": it answered 410\./u);
    assert.match(stderr, /^HF-NOTIFY-UNTOLD$/mu);
    const unknown = await project.run(["notify", "test", "--channel", "pager"]);
    assert.match(unknown.stderr, /there is only slack, gone\.\nHF-CHANNEL-UNKNOWN/u);
  });

  test("a run that failed is told by itself; no secret stands in the state or in the output", async () => {
    const before = heard.length;
    await project.run(["start", "test.failing", "--id", "f1"]);
    await hearing(before + 1);
    assert.match(heard.at(-1) ?? "", /A run has failed: f1/u);
    await project.run(["dead", "discard", "f1", "--reason", "seen"]);
    await hearing(before + 2);
    assert.match(heard.at(-1) ?? "", /^\*\[over\] A run has failed: f1\*/u);
    assert.ok(!program.output.includes(SECRET));
    for (const name of ["journal.sqlite", "journal.sqlite-wal"])
      assert.ok(!readText(project.state(name)).includes(SECRET), name);
  });
});
