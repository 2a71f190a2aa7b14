// What each channel says to its receiver, and what it makes of the answers.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { type Failure, hasCode, toFailure } from "@holdfast/core";
import { openMailServer, openReceiver } from "../fixture/receiver.ts";
import type { Message } from "../notice.ts";
import type { Channel, SecretName, Sending } from "./channel.ts";
import { email } from "./email.ts";
import { pagerDuty } from "./pagerduty.ts";
import { slack } from "./slack.ts";
import { telegram } from "./telegram.ts";
import { webhook } from "./webhook.ts";

const NOW = 1_767_603_600_000;
const MESSAGE: Message = {
  episode: "in-doubt/dca",
  level: "critical",
  state: "raised",
  title: "An effect is in doubt: dca",
  text: "Look at <dca> & settle it.",
  at: NOW,
};
const SECRET = "s3cret-value";

const named = (name: string): SecretName => ({ kind: "secret", name });

function sending(values: Readonly<Record<string, string>>): Sending {
  const signal = new AbortController().signal;
  const secret = ({ name }: SecretName): string => values[name] ?? assert.fail(`no ${name}`);
  return { key: "key-1", signal, now: NOW, source: "my-agents", secret };
}

async function failureOf(sent: Promise<void>): Promise<Failure> {
  return sent.then(
    () => assert.fail("it was sent"),
    (error: unknown) => toFailure(error),
  );
}

test("slack() posts text in which nothing is a link or a mention", async () => {
  await using receiver = await openReceiver();
  const one = slack({ url: named("URL") });
  await one.send(MESSAGE, sending({ URL: `${receiver.url}/services/${SECRET}` }));
  const { text } = JSON.parse(receiver.heard[0]?.body ?? "") as { readonly text: string };
  assert.equal(
    text,
    "*[critical] An effect is in doubt: dca*\nLook at &lt;dca&gt; &amp; settle it.\n_my-agents_",
  );
});

test("pagerDuty() triggers and resolves under one key", async () => {
  await using receiver = await openReceiver();
  const one = pagerDuty({ routingKey: named("KEY"), url: receiver.url });
  await one.send(MESSAGE, sending({ KEY: SECRET }));
  await one.send({ ...MESSAGE, state: "over" }, sending({ KEY: SECRET }));
  const events = receiver.heard.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  assert.deepEqual(
    events.map((event) => [event["event_action"], event["dedup_key"], event["routing_key"]]),
    [
      ["trigger", "my-agents/in-doubt/dca", SECRET],
      ["resolve", "my-agents/in-doubt/dca", SECRET],
    ],
  );
  assert.deepEqual(events[0]?.["payload"], {
    summary: MESSAGE.title,
    source: "my-agents",
    severity: "critical",
    timestamp: "2026-01-05T09:00:00.000Z",
    custom_details: { text: MESSAGE.text },
  });
});

test("telegram() writes into the chat, without a sound where it is over", async () => {
  await using receiver = await openReceiver();
  const one = telegram({ token: named("TOKEN"), chat: "-100", url: receiver.url });
  await one.send(MESSAGE, sending({ TOKEN: "12:ab_c" }));
  await one.send({ ...MESSAGE, state: "over" }, sending({ TOKEN: "12:ab_c" }));
  assert.equal(receiver.heard[0]?.path, "/bot12:ab_c/sendMessage");
  const bodies = receiver.heard.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  assert.deepEqual(
    bodies.map((body) => [body["chat_id"], body["disable_notification"]]),
    [
      ["-100", false],
      ["-100", true],
    ],
  );
  const odd = await failureOf(one.send(MESSAGE, sending({ TOKEN: "../x" })));
  assert.ok(hasCode(odd, "HF-CHANNEL-REFUSED"));
});

test("webhook() signs the bytes it sends, as Standard Webhooks says", async () => {
  await using receiver = await openReceiver();
  const key = Buffer.from("a key of some length").toString("base64");
  const one = webhook({ url: receiver.url, signingSecret: named("SIGNING") });
  await one.send(MESSAGE, sending({ SIGNING: `whsec_${key}` }));
  const [heard] = receiver.heard;
  const { headers = {}, body = "" } = heard ?? {};
  assert.equal(headers["webhook-id"], "key-1");
  assert.equal(headers["webhook-timestamp"], "1767603600");
  const hmac = createHmac("sha256", "a key of some length");
  const expected = hmac.update(`key-1.1767603600.${body}`).digest("base64");
  assert.equal(headers["webhook-signature"], `v1,${expected}`);
  const { type, data } = JSON.parse(body) as Record<string, unknown>;
  assert.deepEqual([type, data], ["holdfast.notice.raised", { ...MESSAGE, source: "my-agents" }]);
  const bare = await failureOf(one.send(MESSAGE, sending({ SIGNING: SECRET })));
  assert.ok(hasCode(bare, "HF-CHANNEL-REFUSED"));
  assert.ok(!bare.message.includes(SECRET));
});

test("email() sends a mail, and tells a server's last word from one that may pass", async () => {
  await using server = await openMailServer();
  const { port } = server;
  const one = email({ host: "127.0.0.1", port, sender: "bot@test", to: ["a@test", "b@test"] });
  await one.send(MESSAGE, sending({}));
  const said = server.lines.join("\n");
  assert.match(said, /RCPT TO:<a@test>[\s\S]*RCPT TO:<b@test>/u);
  assert.match(said, /Subject: \[critical\] An effect is in doubt: dca/u);
  assert.match(said, /Message-ID: <[0-9a-f]{32}@holdfast\.invalid>/iu);
  assert.match(said, /Look at <dca> & settle it\./u);
  server.answer = "550 no such user";
  assert.equal((await failureOf(one.send(MESSAGE, sending({})))).disposition, "refused");
  server.answer = "451 later";
  assert.equal((await failureOf(one.send(MESSAGE, sending({})))).disposition, "retry");
});

const URL_OF = (url: string): Channel => slack({ url: named("URL"), name: url });

test("an answer says whether to try again; neither address nor answer is repeated", async () => {
  await using receiver = await openReceiver();
  receiver.answer = { "retry-after": "7" };
  const send = (): Promise<void> =>
    URL_OF("ops").send(MESSAGE, sending({ URL: `${receiver.url}/${SECRET}` }));
  const expected = [
    [503, "HF-CHANNEL-UNREACHABLE", "retry-after", 7_000],
    [429, "HF-CHANNEL-UNREACHABLE", "retry-after", 7_000],
    [404, "HF-CHANNEL-REFUSED", "refused", undefined],
    // Where a secret is sent is not decided by whoever has it already.
    [302, "HF-CHANNEL-REFUSED", "refused", undefined],
  ] as const;
  for (const [status, code, disposition, retryAfterMs] of expected) {
    receiver.statuses.push(status);
    const failure = await failureOf(send());
    assert.deepEqual(
      [failure.code, failure.disposition, failure.retryAfterMs],
      [code, disposition, retryAfterMs],
    );
    assert.match(failure.message, new RegExp(`"ops".*${status}`, "u"));
    assert.ok(!JSON.stringify(failure).includes(SECRET));
  }
});

test("a receiver that is away is tried again; one that is not encrypted is never told", async () => {
  const { url } = await openReceiver().then(async (receiver) => {
    await receiver[Symbol.asyncDispose]();
    return receiver;
  });
  const away = await failureOf(URL_OF("ops").send(MESSAGE, sending({ URL: url })));
  assert.deepEqual([away.code, away.disposition], ["HF-CHANNEL-UNREACHABLE", "retry"]);
  assert.match(away.message, /ECONNREFUSED/u);
  for (const address of ["http://example.test/x", "ftp://127.0.0.1/x", "nothing"]) {
    const failure = await failureOf(URL_OF("ops").send(MESSAGE, sending({ URL: address })));
    assert.equal(failure.code, "HF-CHANNEL-INVALID", address);
  }
});
