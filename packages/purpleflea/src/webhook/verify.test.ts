// verifyWebhook() against the published vector of Standard Webhooks, and against signatures made here with
// node:crypto: what is genuine passes, everything else is refused without a word of the secret.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { hasCode } from "@holdfast/core";
import { WEBHOOK_BODY_BYTES_MAX, type WebhookRequest, verifyWebhook } from "./verify.ts";

const NOW = 1_767_603_600_000;
const SECRET = `whsec_${Buffer.from("a secret of twenty-four!").toString("base64")}`;
const OTHER = `whsec_${Buffer.from("b secret of twenty-four!").toString("base64")}`;
const EVENT = {
  eventId: "01KE7RW9M00000000000000ZZZ",
  type: "escrow.released",
  agentId: "agent_1",
  payload: { escrow_id: "esc_1", note: "Grüße €" },
  ts: NOW,
};
const BODY = JSON.stringify(EVENT);

function standard(
  secret: string,
  { body = BODY, at = NOW }: { readonly body?: string | Buffer; readonly at?: number } = {},
): Record<string, string> {
  const id = EVENT.eventId;
  const seconds = String(Math.floor(at / 1_000));
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signed = createHmac("sha256", key).update(`${id}.${seconds}.`).update(body);
  return {
    "webhook-id": id,
    "webhook-timestamp": seconds,
    "webhook-signature": `v1,${signed.digest("base64")}`,
  };
}

function guide(secret: string, body: string | Buffer = BODY): Record<string, string> {
  const hex = createHmac("sha256", secret).update(body).digest("hex");
  return { "X-PF-Signature": `sha256=${hex}` };
}

const verify = (request: Partial<WebhookRequest>): ReturnType<typeof verifyWebhook> =>
  verifyWebhook({ body: BODY, headers: {}, secrets: SECRET, now: NOW, ...request });

async function refused(code: string, request: Partial<WebhookRequest>): Promise<void> {
  await assert.rejects(verify(request), (error) => {
    assert.ok(hasCode(error, code), String(error));
    const text = `${error.message} ${JSON.stringify(error)}`;
    for (const secret of [SECRET, OTHER]) assert.ok(!text.includes(secret.slice(8)));
    return true;
  });
}

test("the published vector of Standard Webhooks is signed, though it is no event", async () => {
  const vector = {
    body: '{"test": 2432232314}',
    headers: {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    secrets: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    now: 1_614_265_330_000,
  };
  // Past the signature and the time: what is refused is the body.
  await refused("HF-WEBHOOK-BODY", vector);
  await refused("HF-WEBHOOK-SIGNATURE", { ...vector, body: '{"test": 2432232315}' });
  await refused("HF-WEBHOOK-TIME", { ...vector, now: vector.now + 301_000 });
});

test("a genuine event passes in both schemes, from bytes and text, from all kinds of headers", async () => {
  const bytes = new TextEncoder().encode(BODY);
  for (const headers of [standard(SECRET), guide(SECRET)]) {
    for (const body of [BODY, bytes, Buffer.from(BODY)]) {
      assert.deepEqual(await verify({ body, headers }), EVENT);
      assert.deepEqual(await verify({ body, headers: new Headers(headers) }), EVENT);
    }
    const upper: Record<string, readonly string[]> = {};
    for (const [name, value] of Object.entries(headers)) upper[name.toUpperCase()] = [value];
    assert.deepEqual(await verify({ headers: upper }), EVENT);
  }
  assert.deepEqual(await verify({ headers: guide("any text"), secrets: "any text" }), EVENT);
});

test("several secrets and several signatures pass while a secret is rotated", async () => {
  for (const headers of [standard(OTHER), guide(OTHER)]) {
    assert.deepEqual(await verify({ headers, secrets: [SECRET, OTHER] }), EVENT);
    await refused("HF-WEBHOOK-SIGNATURE", { headers });
  }
  const [one, two] = [standard(OTHER), standard(SECRET)];
  const both = `v1a,xyz ${one["webhook-signature"]} ${two["webhook-signature"]}`;
  assert.deepEqual(await verify({ headers: { ...one, "webhook-signature": both } }), EVENT);
});

test("a time too far from now is refused, either way", async () => {
  for (const away of [-300_000, 0, 300_000]) {
    assert.deepEqual(await verify({ headers: standard(SECRET, { at: NOW + away }) }), EVENT);
  }
  for (const away of [-301_000, 301_000]) {
    await refused("HF-WEBHOOK-TIME", { headers: standard(SECRET, { at: NOW + away }) });
  }
  const late = { headers: standard(SECRET, { at: NOW - 301_000 }), toleranceSeconds: 600 };
  assert.deepEqual(await verify(late), EVENT);
  // Who cannot sign is not told of the time.
  await refused("HF-WEBHOOK-SIGNATURE", { headers: standard(OTHER, { at: NOW - 301_000 }) });
});

test("whatever was changed is refused", async () => {
  const changed = BODY.replace("esc_1", "esc_2");
  for (const headers of [standard(SECRET), guide(SECRET)]) {
    await refused("HF-WEBHOOK-SIGNATURE", { headers, body: changed });
    await refused("HF-WEBHOOK-SIGNATURE", { headers, body: `${BODY} ` });
    await refused("HF-WEBHOOK-SIGNATURE", { headers, body: "" });
  }
  const headers = standard(SECRET);
  for (const name of Object.keys(headers)) {
    const { [name]: _gone, ...rest } = headers;
    await refused("HF-WEBHOOK-SIGNATURE", { headers: rest });
    await refused("HF-WEBHOOK-SIGNATURE", { headers: { ...headers, [name]: "x" } });
    await refused("HF-WEBHOOK-SIGNATURE", { headers: { ...headers, [name]: ["a", "b"] } });
  }
  for (const value of ["", "sha256=", "sha256=zz", `sha256=${"0".repeat(64)}`, "0".repeat(64)]) {
    await refused("HF-WEBHOOK-SIGNATURE", { headers: { "x-pf-signature": value } });
  }
  await refused("HF-WEBHOOK-SIGNATURE", {});
});

test("one scheme does not stand in for the other", async () => {
  // A wrong Standard Webhooks signature is not healed by a right one of the guides'.
  const mixed = { ...standard(OTHER), ...guide(SECRET) };
  await refused("HF-WEBHOOK-SIGNATURE", { headers: mixed });
  await refused("HF-WEBHOOK-SIGNATURE", { headers: guide(SECRET), scheme: "standard" });
  await refused("HF-WEBHOOK-SIGNATURE", { headers: standard(SECRET), scheme: "pf" });
  assert.deepEqual(await verify({ headers: mixed, scheme: "pf" }), EVENT);
});

test("what is signed and no event is refused, and so is what is too long", async () => {
  for (const body of [
    "null",
    "[]",
    "{",
    '"text"',
    JSON.stringify({ ...EVENT, payload: [] }),
    JSON.stringify({ ...EVENT, eventId: "" }),
    Buffer.from([0x22, 0xff, 0x22]),
  ]) {
    await refused("HF-WEBHOOK-BODY", { body, headers: standard(SECRET, { body }) });
  }
  const long = "x".repeat(WEBHOOK_BODY_BYTES_MAX + 1);
  await refused("HF-WEBHOOK-BODY", { body: long, headers: guide(SECRET, long) });
});

test("secrets that cannot be used are said to be so", async () => {
  for (const secrets of [[], "", "text", "whsec_", "whsec_%%%"]) {
    await refused("HF-WEBHOOK-SECRET", { headers: standard(SECRET), secrets });
  }
  await refused("HF-WEBHOOK-SECRET", { headers: guide(SECRET), secrets: [""] });
});
