// People are told on a cluster as they are on one machine: the notice is a run there.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Spoken, Stage, address, noCluster } from "./harness/cluster.ts";

const BIN = fileURLToPath(import.meta.resolve("holdfast/bin"));

const configuration = (own: string): string => `
import { defineConfig, remote, secret } from ${JSON.stringify(import.meta.resolve("holdfast"))};
import { slack } from ${JSON.stringify(import.meta.resolve("holdfast/notify"))};
import { temporal } from ${JSON.stringify(import.meta.resolve("@holdfast/temporal"))};
export default defineConfig({
  engine: temporal({
    address: ${JSON.stringify(address)},
    namespace: "holdfast",
    taskQueue: ${JSON.stringify(own)},
    prefix: ${JSON.stringify(`${own}/`)},
    setup: true,
  }),
  venue: remote({ baseUrl: process.env.VENUE_URL ?? "" }),
  notify: { channels: [slack({ url: secret("RECEIVER_URL") })] },
});
`;

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a notice is told by a run of the cluster", { skip: noCluster }, async () => {
  await using stage = await Stage.open({ periods: 1 });
  const folder = mkdtempSync(join(tmpdir(), "holdfast-notify-"));
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      heard.push((JSON.parse(body) as { readonly text: string }).text);
      response.end("ok");
    });
  });
  try {
    const env = {
      VENUE_URL: stage.sandbox.url,
      PURPLEFLEA_API_KEY: stage.key,
      RECEIVER_URL: await listen(server),
    };
    writeFileSync(join(folder, "holdfast.config.ts"), configuration(stage.own));
    await using host = new Spoken([BIN, "serve"], { cwd: folder, env });
    await host.until(/Stop with Ctrl-C/u);
    await using telling = new Spoken([BIN, "notify", "test"], { cwd: folder, env });
    const said = await telling.ended();
    assert.equal(telling.process.exitCode, 0, said + host.said);
    assert.match(said, /slack: told/u);
    assert.equal(heard.length, 1);
    assert.match(heard[0] ?? "", /A test of the notifier/u);
    await host.kill("SIGTERM");
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
