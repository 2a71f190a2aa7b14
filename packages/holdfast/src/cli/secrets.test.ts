// T13: secrets stay where they belong. A paper venue as a user runs it is given every kind of key, in the right
// places and in wrong ones; afterwards nothing that it has written, printed or answered holds one of them.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TestFolder } from "../fixture/folder.ts";
import { Program } from "../fixture/program.ts";

interface Answered {
  readonly status: number;
  readonly text: string;
}

const LIVE = "pf_live_T13-names-an-agent-and-nothing-more";
const FOREIGN = [
  "sk_live_T13-moves-real-money",
  "pf_sk_live_T13-as-well",
  "pf_test_T13-nobody-has-it",
];
const REGISTRATION = "T13-registration-key-of-some-length";

async function ask(url: string, init: RequestInit = {}): Promise<Answered> {
  const response = await fetch(url, init);
  return { status: response.status, text: await response.text() };
}

/** The bytes of every file in a folder, and below. */
function bytesOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

test("T13: no key is in the state, the logs, the errors, the audit or the export", async () => {
  using folder = new TestFolder();
  const state = join(folder.path, "state");
  const args = ["sandbox", "--state", state, "--port", "0", "--audit-port", "0"];
  await using program = new Program([...args, "--accept-live-keys"], { cwd: folder.path });
  const [, url = ""] = await program.until(/paper venue (http:\/\/\S+) /u);
  const [, audit = "", token = ""] = await program.until(/audit (\S+)\?token=(\S+)/u);
  const control = audit.replace("/audit", "");
  const errors: Answered[] = [];

  const send = async (path: string, key: string, body: object, more: object = {}) =>
    ask(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, ...more },
      body: JSON.stringify(body),
    });
  const register = async (headers: Record<string, string>): Promise<string> => {
    const init = { method: "POST", headers, body: JSON.stringify({ name: "T13-name" }) };
    const { text } = await ask(`${url}/@faucet/api/register`, init);
    return (JSON.parse(text) as { readonly api_key: string }).api_key;
  };
  const apiKey = await register({ "idempotency-key": REGISTRATION });
  const keyless = await register({});
  const creation = { "idempotency-key": "T13-creation-key-of-some-length" };
  const made = await send("/api/keys", apiKey, { label: "T13-label" }, creation);
  const { api_key: second } = JSON.parse(made.text) as { readonly api_key: string };
  const secrets = [apiKey, keyless, second, LIVE, ...FOREIGN, REGISTRATION];
  secrets.push(creation["idempotency-key"]);

  const order = { symbol: "BTC-PERP", side: "long", size: 25 };
  for (const key of [apiKey, second, LIVE]) {
    assert.equal((await send("/api/v1/trade", key, order)).status, 200);
  }
  for (const key of FOREIGN) errors.push(await send("/api/v1/trade", key, order));
  for (const key of secrets) {
    const headers = { authorization: `Basic ${Buffer.from(key).toString("base64")}` };
    errors.push(await ask(`${url}/api/wallet/balance`, { headers }));
    errors.push(await ask(`${url}/api/wallet/balance`, { headers: { "x-agent-id": key } }));
    errors.push(await send("/api/v1/trade", apiKey, { ...order, leverage: key }));
    errors.push(
      await send("/api/v1/trade", apiKey, { ...order, size: 1e9 }, { "x-agent-id": key }),
    );
    errors.push(await ask(`${control}/audit`, { headers: { authorization: `Bearer ${key}` } }));
  }
  assert.ok(errors.every(({ status }) => status >= 400 && status < 500));

  const asked: string[] = [];
  for (const path of ["audit", "export", "effects", "faults", "clock", "clock/held", "market"]) {
    const headers = { authorization: `Bearer ${token}` };
    asked.push((await ask(`${control}/${path}`, { headers })).text);
    const page = { headers: { ...headers, accept: "text/html" } };
    asked.push((await ask(`${control}/${path}`, page)).text);
  }
  asked.push((await ask(`${url}/openapi.json`)).text);
  const own = { headers: { authorization: `Bearer ${apiKey}` } };
  for (const path of ["keys", "wallet/transactions", "idempotency/T13-creation-key-of-some-length"])
    asked.push((await ask(`${url}/api/${path}`, own)).text);

  const running = bytesOf(state);
  program.child.kill("SIGINT");
  const { stdout, stderr } = await program.ended();
  const places = {
    "state, running": running,
    "state, stopped": bytesOf(state),
    output: stdout + stderr,
    errors: JSON.stringify(errors),
    answers: asked.join("\n"),
  };
  assert.ok(
    places["state, stopped"].includes("T13-name"),
    "the name is there, so it is what is read",
  );
  assert.ok(places.answers.includes("T13-label") && places.output.includes("takes live keys"));
  for (const [place, text] of Object.entries(places)) {
    for (const secret of secrets) {
      // The part that is random, too: a prefix that was cut off would hide it.
      for (const part of [secret, secret.slice(secret.indexOf("_", 4) + 5)]) {
        assert.ok(!text.includes(part), `${place} holds ${part}`);
      }
    }
  }
});
