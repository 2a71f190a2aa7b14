// Notices with a real engine in virtual time: told once in an episode, by each channel in its own time, whatever dies.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { provide } from "@holdfast/core";
import { type EmbeddedEngine, openEngine } from "@holdfast/engine";
import { VIRTUAL_START, VirtualClock, drive } from "@holdfast/testing/clock";
import { type Channel, type Sending, channel } from "./channel/channel.ts";
import { slack } from "./channel/slack.ts";
import { openReceiver } from "./fixture/receiver.ts";
import type { Message } from "./notice.ts";
import { type Told, notification } from "./notification.ts";
import { type NotifierOptions, createNotifier, notifier } from "./notifier.ts";

const NOTICE = { episode: "feed", level: "warning", title: "The feed is stale", text: "" } as const;
const HOUR_MS = 3_600_000;

interface Heard {
  readonly channel: string;
  readonly state: Message["state"];
  readonly key: string;
  readonly at: number;
}

class Stage implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-notify-"));
  readonly clock = new VirtualClock();
  readonly heard: Heard[] = [];
  engine!: EmbeddedEngine;
  readonly #options: Partial<NotifierOptions>;

  private constructor(options: Partial<NotifierOptions>) {
    this.#options = options;
  }

  static async open(options: Partial<NotifierOptions> = {}): Promise<Stage> {
    const stage = new Stage(options);
    await stage.#open();
    return stage;
  }

  async #open(): Promise<void> {
    const { clock } = this;
    const found = createNotifier({
      channels: [this.hearing("a")],
      source: "test",
      secret: () => undefined,
      ...this.#options,
    });
    this.engine = await openEngine({
      path: join(this.folder, "journal.sqlite"),
      clock,
      definitions: [notification],
      resources: [provide(notifier, () => found)],
    });
  }

  /** A channel that takes everything. */
  hearing(name: string, from: Channel["from"] = "info"): Channel {
    return channel({
      name,
      from,
      send: async (message, sending) => {
        this.hear(name, message, sending);
      },
    });
  }

  hear(name: string, { state }: Message, { key }: Sending): void {
    this.heard.push({ channel: name, state, key, at: this.clock.now() });
  }

  tell(notice: Parameters<typeof this.start>[0] = NOTICE): Promise<Told> {
    return this.drive(this.start(notice).then((run) => run.result()));
  }

  start(notice: { level: "info" | "warning" | "critical"; lasts?: boolean }) {
    const input = { ...NOTICE, ...notice };
    return this.engine.client.start(notification, input, { id: "notify/feed", onClosed: "attach" });
  }

  drive<Value>(promise: Promise<Value>): Promise<Value> {
    const { clock } = this;
    // A channel that hangs ends at the attempt's own time-out: what is in flight may be held until then.
    const held = async (): Promise<readonly number[]> =>
      Array.from({ length: this.engine.inFlight }, () => clock.next ?? Infinity);
    const venue = { held, advanceTo: async () => undefined };
    return drive(promise, {
      clock,
      engines: () => [this.engine],
      ...(this.hangs ? { venue } : {}),
    });
  }

  hangs = false;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

test("a notice is told by all channels that take its level", async () => {
  await using stage = await Stage.open();
  const all = [stage.hearing("a"), stage.hearing("b", "warning"), stage.hearing("c", "critical")];
  await using other = await Stage.open({ channels: all });
  assert.deepEqual(await other.tell(), { told: ["a", "b"], untold: [] });
});

test("a channel that fails is tried again; one that refuses is left, and the others are told", async () => {
  await using receiver = await openReceiver();
  receiver.statuses.push(503, 500, 429);
  await using gone = await openReceiver();
  gone.statuses.push(410);
  const urls: Readonly<Record<string, string>> = { GOOD: receiver.url, GONE: gone.url };
  const named = (name: string) => ({ kind: "secret", name }) as const;
  await using stage = await Stage.open({
    channels: [
      slack({ name: "good", url: named("GOOD") }),
      slack({ name: "gone", url: named("GONE") }),
    ],
    secret: (name) => urls[name],
  });
  const { told, untold } = await stage.tell();
  assert.deepEqual([told, receiver.heard.length, gone.heard.length], [["good"], 4, 1]);
  assert.deepEqual(
    untold.map(({ channel: name, code }) => [name, code]),
    [["gone", "HF-CHANNEL-REFUSED"]],
  );
  for (const file of readdirSync(stage.folder)) {
    const text = readFileSync(join(stage.folder, file), "latin1");
    for (const url of Object.values(urls)) assert.ok(!text.includes(url), `${file} has an address`);
  }
});

test("a channel that hangs is given up after 15 s, and tried again for a day", async () => {
  const at: number[] = [];
  const stuck: Channel["send"] = (_message, { signal, now }) => {
    at.push(now);
    return new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => {
        resolve();
      });
    }).then(() => {
      signal.throwIfAborted();
    });
  };
  await using stage = await Stage.open({ channels: [channel({ name: "stuck", send: stuck })] });
  stage.hangs = true;
  const { told, untold } = await stage.tell();
  assert.deepEqual([told, untold.map(({ channel: name }) => name)], [[], ["stuck"]]);
  assert.ok(at.length > 100, `${at.length} attempts`);
  assert.ok(stage.clock.now() - VIRTUAL_START > 23 * HOUR_MS);
});

// The virtual clock begins at 09:00 UTC, which is 10:00 in Berlin.
const QUIET = { from: "09:30", to: "12:00", zone: "Europe/Berlin" };

test("in quiet hours only what is critical is told; the rest at their end", async () => {
  const channels = (stage: Stage): readonly Channel[] => [stage.hearing("a")];
  await using probe = await Stage.open();
  await using stage = await Stage.open({ quiet: QUIET, channels: channels(probe) });
  await stage.tell();
  assert.equal(stage.clock.now() - VIRTUAL_START, 2 * HOUR_MS);
  await using urgent = await Stage.open({ quiet: QUIET });
  await urgent.tell({ level: "critical" });
  assert.equal(urgent.clock.now(), VIRTUAL_START);
});

test("an episode is told once while it lasts, its end too, and nothing that was over before", async () => {
  await using stage = await Stage.open();
  const lasting = { level: "warning", lasts: true } as const;
  const run = await stage.start(lasting);
  await stage.engine.idle();
  await stage.start(lasting);
  await run.signal("over", { text: "fresh again" });
  await stage.drive(run.result());
  await run.signal("over", {}).catch(() => undefined);
  assert.deepEqual(
    stage.heard.map(({ state }) => state),
    ["raised", "over"],
  );
  assert.equal(new Set(stage.heard.map(({ key }) => key)).size, 2);

  await using quiet = await Stage.open({ quiet: QUIET });
  const soon = await quiet.start(lasting);
  await quiet.engine.idle();
  await soon.signal("over", {});
  assert.deepEqual(await quiet.drive(soon.result()), { told: [], untold: [] });
  assert.deepEqual(quiet.heard, []);
});

test("createNotifier() refuses two channels of one name and a zone that there is not", () => {
  const options = { source: "", secret: () => undefined };
  const one = channel({ name: "a", send: async () => undefined });
  assert.throws(() => createNotifier({ ...options, channels: [one, one] }), {
    code: "HF-CHANNEL-INVALID",
  });
  const quiet = { from: "22:00", to: "7:00", zone: "Mars/Base" };
  assert.throws(() => createNotifier({ ...options, channels: [], quiet }), {
    code: "HF-CALENDAR-INVALID",
  });
});
