// The client's stream against the venue over real sockets: what its reader sees across lost connections and
// killed venues.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldfastError, seededRandom, usdc } from "@holdfast/core";
import { createPurpleFlea, guideProfile, publicProfile } from "@holdfast/purpleflea";
import {
  type EventStream,
  type StreamItem,
  type StreamOptions,
  type StreamState,
  subscribe,
} from "@holdfast/purpleflea/stream";
import { nextTurn } from "../clock/wall.ts";
import {
  START,
  type TestAgent,
  agentOf,
  call,
  openTestSandbox,
  registerAgent,
  testFolder,
} from "../fixture/kit.ts";
import { startWorker } from "../fixture/worker.ts";
import type { Sandbox } from "../sandbox.ts";
import { createVenue } from "../venue.ts";

/** A reader who keeps what he has finished, and connects again at once. */
interface Reading extends AsyncDisposable {
  readonly stream: EventStream;
  /** What was finished. */
  readonly items: readonly StreamItem[];
  /** Ids of the events among it. */
  ids(): readonly string[];
  /** Resolves when what was finished meets a condition. */
  until(meets: (items: readonly StreamItem[]) => boolean): Promise<void>;
  /** Resolves when the stream is in a state. */
  is(state: StreamState): Promise<void>;
  /** Resolves when the stream has ended; rejects with what it ended with. */
  readonly ended: Promise<void>;
}

/** Reads topics; `work` is done for each item before the next one comes. */
function read(
  { url }: { readonly url: string },
  { apiKey }: Pick<TestAgent, "apiKey">,
  topics: readonly string[],
  {
    work,
    ...more
  }: Partial<StreamOptions> & { readonly work?: (item: StreamItem) => Promise<void> } = {},
): Reading {
  const watchers = new Set<() => void>();
  const look = (): void => {
    for (const watcher of watchers) watcher();
  };
  const stream = subscribe(topics, {
    baseUrl: url,
    apiKey,
    random: { next: () => 0 },
    ...more,
    onState(state, reason) {
      more.onState?.(state, reason);
      queueMicrotask(look);
    },
  });
  const items: StreamItem[] = [];
  const ended = stream.each(async (item) => {
    await work?.(item);
    items.push(item);
    look();
  });
  ended.catch(() => undefined);

  async function when(meets: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const watcher = (): void => {
      if (meets()) resolve();
    };
    watchers.add(watcher);
    watcher();
    await promise;
    watchers.delete(watcher);
  }

  return {
    stream,
    items,
    ids: () => items.flatMap((item) => (item.kind === "gap" ? [] : [item.eventId])),
    until: (meets) => when(() => meets(items)),
    is: (state) => when(() => stream.state === state),
    ended,
    async [Symbol.asyncDispose]() {
      stream.close();
      await ended.catch(() => undefined);
    },
  };
}

const isCode =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof HoldfastError && error.code === code;

function deposit({ venue }: Sandbox, agent: string): void {
  const amount = usdc("1");
  venue.execute({ operation: "deposit", asset: "USDC", amount }, { agent });
}

function kept({ venue }: Sandbox, agent: string, prefix: string): readonly string[] {
  return venue.events
    .ofAgent(agent, 0, 10_000)
    .filter(({ type }) => type.startsWith(prefix))
    .map(({ eventId }) => eventId);
}

test("subscribe() reads events by schema, and its place moves when an event is finished", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const cursors: string[] = [];
  const stream = subscribe(["wallet.*"], {
    baseUrl: sandbox.url,
    apiKey: agent.apiKey,
    agentId: agent.id,
    onCursor: (cursor) => cursors.push(cursor),
    onState: (state) => {
      if (state === "open") deposit(sandbox, agent.id);
    },
  });
  const first = await stream.next();
  const from = cursors[0];
  assert.ok(first.value?.kind === "event" && first.value.type === "wallet.deposited");
  assert.equal(first.value.payload.asset, "USDC");
  // It is worked on: its place is still before it.
  assert.deepEqual([stream.cursor, cursors.length], [from, 1]);
  const second = await stream.next();
  assert.ok(second.value?.kind === "event" && second.value.type === "wallet.balance_changed");
  assert.equal(second.value.payload.change_micros, 1_000_000n);
  assert.equal(stream.cursor, first.value.eventId);
  await stream.return();
  // Who goes on from there gets the unfinished one again, and not the finished one.
  await using again = read(sandbox, agent, ["wallet.*"], { cursor: stream.cursor });
  await again.until((items) => items.length === 1);
  assert.deepEqual(again.ids(), [second.value.eventId]);
});

test("each event is seen exactly once by a reader who keeps his place, across 200 lost connections", async () => {
  await using sandbox = await openTestSandbox({ verify: false });
  const agent = await registerAgent(sandbox);
  const chance = seededRandom("disconnects");
  const seen: string[] = [];
  let cursor = kept(sandbox, agent.id, "wallet.").at(-1) ?? "";
  const losses: string[] = [];
  let restarts = 0;
  while (losses.length < 200) {
    // Now and then the reader itself begins again, with nothing but the place that he kept.
    restarts += 1;
    const known = seen.length;
    await using reading = read(sandbox, agent, ["wallet.*"], {
      cursor,
      onState: (state, reason) => {
        if (state === "waiting") losses.push(reason);
      },
      work: async (item) => {
        await nextTurn();
        if (item.kind === "gap") throw new Error("nothing is old enough for a gap");
        seen.push(item.eventId);
        cursor = item.eventId;
      },
    });
    await reading.is("open");
    for (let n = 0; n < 10; n += 1) {
      for (let more = Math.floor(chance.next() * 5); more >= 0; more -= 1) {
        deposit(sandbox, agent.id);
      }
      for (let turns = Math.floor(chance.next() * 6); turns > 0; turns -= 1) await nextTurn();
      if (chance.next() < 0.5) sandbox.stream.cut(agent.id);
      else sandbox.stream.close(agent.id, 4500, "injected");
      await reading.is("waiting");
      await reading.is("open");
    }
    assert.ok(seen.length >= known);
  }
  await using rest = read(sandbox, agent, ["wallet.*"], {
    cursor,
    work: async (item) => {
      if (item.kind !== "gap") seen.push(item.eventId);
    },
  });
  const all = kept(sandbox, agent.id, "wallet.").slice(1);
  await rest.until(() => seen.length >= all.length);
  assert.deepEqual(seen, all);
  assert.ok(restarts >= 10 && all.length > 1_000, `${restarts} restarts, ${all.length} events`);
});

test("an event that comes twice is given once; one of an unknown type is passed on as it is", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  await using reading = read(sandbox, agent, ["*"]);
  await reading.is("open");
  await reading.until((items) => items.length === 3);
  sandbox.stream.setDeliver((event) => {
    if (event.type !== "wallet.deposited") return [{ event: { ...event, payload: "{}" } }];
    return [
      { event },
      { event },
      { event: { ...event, eventId: `${event.eventId}X`, type: "a.b" } },
    ];
  });
  deposit(sandbox, agent.id);
  await reading.until((items) => items.length === 6);
  const [known, unknown, broken] = reading.items.slice(3);
  assert.ok(known?.kind === "event" && known.type === "wallet.deposited");
  assert.ok(unknown?.kind === "other" && unknown.type === "a.b" && unknown.problem === undefined);
  // A payload that is not what its type says never stops a stream.
  assert.ok(broken?.kind === "other" && /new_balance_usdc/u.test(broken.problem ?? ""));
});

test("a gap is an item of its own, and its place is where the venue's memory begins", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const [cursor = ""] = kept(sandbox, agent.id, "agent.");
  await sandbox.venue.advanceTo(START + 600_000);
  await using reading = read(sandbox, agent, ["wallet.*"], { cursor });
  await reading.until((items) => items.length === 1);
  const [gap] = reading.items;
  assert.ok(gap?.kind === "gap");
  assert.equal(gap.requested, cursor);
  await nextTurn();
  assert.equal(reading.stream.cursor, gap.oldest);
});

test("a key that is not known, another agent's id and a second reader end a stream for good", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  await using unknown = read(sandbox, { apiKey: "pf_test_unknown" }, ["*"]);
  await assert.rejects(unknown.ended, isCode("HF-STREAM-UNAUTHORISED"));
  await using other = read(sandbox, agent, ["*"], { agentId: "pf_other" });
  await assert.rejects(other.ended, isCode("HF-STREAM-AGENT-MISMATCH"));
  await using live = read(sandbox, { apiKey: "pf_live_x" }, ["*"]);
  await assert.rejects(live.ended, isCode("HF-LIVE-KEY"));
  await using first = read(sandbox, agent, ["*"]);
  await first.is("open");
  await using second = read(sandbox, agent, ["*"]);
  await assert.rejects(first.ended, isCode("HF-STREAM-REPLACED"));
  await second.is("open");
  await using wrong = read(sandbox, agent, ["*"], { cursor: "yesterday" });
  await assert.rejects(wrong.ended, isCode("HF-STREAM-REFUSED"));
  const profile = { ...guideProfile, paths: { ...guideProfile.paths, stream: "/api/none" } };
  await using nowhere = read(sandbox, agent, ["*"], { profile });
  await assert.rejects(nowhere.ended, isCode("HF-STREAM-REFUSED"));
  const options = { baseUrl: sandbox.url, apiKey: agent.apiKey };
  assert.throws(
    () => subscribe(["*"], { ...options, profile: publicProfile }),
    isCode("HF-STREAM-UNSUPPORTED"),
  );
  assert.throws(() => subscribe(["Not a topic"], options), isCode("HF-STREAM-REFUSED"));
});

test("a line that is half open is found by a ping without an answer, and made again", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const reasons: string[] = [];
  await using reading = read(sandbox, agent, ["wallet.*"], {
    pingMs: 20,
    answerMs: 200,
    onState: (_state, reason) => reasons.push(reason),
  });
  await reading.is("open");
  sandbox.stream.silence(agent.id, true);
  deposit(sandbox, agent.id);
  await reading.until((items) => items.length === 2);
  assert.ok(reasons.some((reason) => reason.includes("no answer to a ping")));
});

test("a reader who is slow pauses the line: little waits for him, and nothing is lost", async () => {
  await using sandbox = await openTestSandbox({ verify: false });
  const agent = await registerAgent(sandbox);
  const gate = Promise.withResolvers<void>();
  await using reading = read(sandbox, agent, ["wallet.deposited"], {
    waitingMax: 16,
    pingMs: 10,
    answerMs: 20,
    work: () => gate.promise,
  });
  await reading.is("open");
  let taken = 0;
  const payload = JSON.stringify({
    asset: "USDC",
    amount_units: "1",
    balance_units: "1",
    text: "x".repeat(65_536),
  });
  sandbox.stream.setDeliver((event) => {
    taken += 1;
    return [{ event: { ...event, payload } }];
  });
  for (let n = 0; n < 600; n += 1) deposit(sandbox, agent.id);
  for (let turn = 0; turn < 500; turn += 1) await nextTurn();
  assert.ok(taken < 400, `${taken} of 600`);
  assert.equal(reading.stream.state, "open");
  gate.resolve();
  await reading.until((items) => items.length === 600);
  assert.deepEqual(reading.ids(), kept(sandbox, agent.id, "wallet.deposited"));
});

test("while the stream is down, prices stand in for ticks, and are no place to resume from", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const { market } = createPurpleFlea({ baseUrl: sandbox.url });
  await using reading = read(sandbox, agent, ["market.tick"], {
    prices: (mark) => market.prices(mark),
    random: { next: () => 0.2 },
  });
  await reading.is("open");
  await reading.until((items) => items.length === 3);
  sandbox.stream.cut(agent.id);
  await reading.until((items) => items.length === 6);
  const filled = reading.items.slice(3);
  const isFill = (item: StreamItem): boolean =>
    item.kind === "event" &&
    item.type === "market.tick" &&
    /^rest-gap-[A-Z]+-PERP-\d+$/u.test(item.eventId);
  assert.ok(filled.every(isFill));
  assert.doesNotMatch(reading.stream.cursor, /rest-gap/u);
  await reading.is("open");
});

test("a signal ends a stream, before it has begun and later", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const options = { baseUrl: sandbox.url, apiKey: agent.apiKey };
  const never = subscribe(["*"], { ...options, signal: AbortSignal.abort() });
  assert.deepEqual(await never.next(), { done: true, value: undefined });
  const abort = new AbortController();
  await using reading = read(sandbox, agent, ["wallet.*"], { signal: abort.signal });
  await reading.is("open");
  abort.abort();
  await reading.ended;
  assert.equal(reading.stream.state, "ended");
});

const KILLS = 4;
/** Deposits after which the venue is killed. */
const DEPOSITS = 20;

test("a reader misses nothing and sees nothing twice while the venue is killed and restarts", async () => {
  using folder = testFolder();
  const path = folder.path("venue.sqlite");
  await using workers = new AsyncDisposableStack();
  let worker = workers.use(await startWorker(path));
  const { url } = worker;
  const registered = (await call(`${url}/@faucet/api/register`, { body: { name: "kill" } })).body;
  const agent = agentOf(worker, registered.agent_id, registered.api_key);
  await using steady = read({ url }, agent, ["wallet.*"], { random: seededRandom("steady") });
  await steady.is("open");
  const from = steady.stream.cursor;
  let sent = 0;
  for (let round = 0; round < KILLS; round += 1) {
    let answered = 0;
    let killing: Promise<void> | undefined;
    const write = async (): Promise<void> => {
      for (;;) {
        sent += 1;
        try {
          await agent.post(
            "/api/wallet/deposit",
            { amount: 1 },
            { "idempotency-key": `d/${sent}` },
          );
        } catch {
          return;
        }
        answered += 1;
        if (answered === DEPOSITS) killing = worker.kill();
      }
    };
    await Promise.all([write(), write(), write()]);
    await killing;
    worker = workers.use(await startWorker(path, new URL(url).port));
  }
  // One more, so that there is a last one to wait for.
  await agent.post("/api/wallet/deposit", { amount: 7 });
  await steady.until((items) =>
    items.some(
      (item) =>
        item.kind === "event" &&
        item.type === "wallet.balance_changed" &&
        item.payload.change_micros === 7_000_000n,
    ),
  );
  assert.ok(steady.items.every(({ kind }) => kind === "event"));
  await worker.kill();
  using venue = createVenue({ path });
  const all = venue.events
    .ofAgent(agent.id, 0, 10_000)
    .filter(({ type, eventId }) => type.startsWith("wallet.") && eventId > from)
    .map(({ eventId }) => eventId);
  assert.deepEqual(steady.ids(), all);
  assert.ok(all.length >= 2 * KILLS * DEPOSITS);
});
