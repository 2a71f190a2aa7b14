// A state folder that is deleted while the agent holds positions: the next start is clean, and says what the venue knows.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { createPurpleFlea } from "@holdfast/purpleflea";
import { openSandbox } from "@holdfast/sandbox";
import { TestProject, plan } from "../fixture/project.ts";

test("a deleted state folder is noticed at the next start, once, and the start is clean", async () => {
  await using sandbox = await openSandbox({ path: ":memory:" });
  const nobody = createPurpleFlea({ baseUrl: sandbox.url });
  const { api_key: key } = await nobody.faucet.register({ name: "past" }, { key: "past" });
  using project = new TestProject(
    `venue: remote({ baseUrl: "${sandbox.url}" }), fleet: [${plan(2)}]`,
  );
  const env = { PURPLEFLEA_API_KEY: key };
  const start = async (sign: RegExp): Promise<string> => {
    await using program = project.start(["dev", "--json"], { env });
    await program.until(sign);
    program.kill("SIGTERM");
    const { stdout, stderr } = await program.ended();
    return stdout + stderr;
  };
  const holds = /"event":"account".*"positions":[1-9]/u;
  // A fresh agent has no past, and a journal that knows it has no question.
  for (const _again of [1, 2]) assert.doesNotMatch(await start(holds), /The journal is empty/u);
  rmSync(project.state(""), { recursive: true });
  const output = await start(/The journal is empty/u);
  assert.match(
    output,
    /The journal is empty, and the venue knows account \\?"default\\?" already: it holds long BTC-PERP of 2\d\.\d+ USDC, long BTC-PERP of /u,
  );
  assert.doesNotMatch(await start(holds), /The journal is empty/u);
  assert.equal(sandbox.venue.audit().ledgerSum, "0");
});
