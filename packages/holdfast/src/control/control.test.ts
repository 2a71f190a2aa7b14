// The control API over real HTTP and a real engine: who gets in, what it takes, what it answers.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type EmbeddedEngine, openEngine, systemClock, temporalHistory } from "@holdfast/engine";
import { testWorkflows as workflows } from "../fixture/definitions.ts";
import { type Answered, type Sent, send } from "../fixture/request.ts";
import { openControl } from "./server.ts";

class Scene implements AsyncDisposable {
  readonly engine: EmbeddedEngine;
  readonly url: string;
  readonly token: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    engine: EmbeddedEngine,
    url: string,
    token: string,
    stack: AsyncDisposableStack,
  ) {
    this.engine = engine;
    this.url = url;
    this.token = token;
    this.#stack = stack;
  }

  static async open(): Promise<Scene> {
    const stack = new AsyncDisposableStack();
    const engine = stack.use(await openEngine({ path: ":memory:", definitions: workflows }));
    const { url, token } = stack.use(
      await openControl({
        engine,
        temporalHistory: (id, generation) => temporalHistory(engine, id, generation),
        workflows,
        clock: systemClock,
        accounts: ["default", "other"],
        venue: { url: "http://127.0.0.1:4100", mode: "paper", auditUrl: undefined },
      }),
    );
    return new Scene(engine, url, token, stack);
  }

  get headers(): Record<string, string> {
    return { authorization: `Bearer ${this.token}` };
  }

  get(path: string): Promise<Answered> {
    return send(`${this.url}${path}`, { headers: this.headers });
  }

  post(path: string, body: unknown, more: Sent = {}): Promise<Answered> {
    return send(`${this.url}${path}`, {
      method: "POST",
      headers: { ...this.headers, "content-type": "application/json" },
      body: JSON.stringify(body),
      ...more,
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

const order = { symbol: "BTC-PERP", amountUsd: "25.00", legs: [1] };

describe("who may speak to the control API", () => {
  test("a foreign Host does not get in, even with our token and our port in it", async () => {
    await using scene = await Scene.open();
    const { port } = new URL(scene.url);
    const statusFor = async (host: string): Promise<number> =>
      (await send(`${scene.url}/api/status`, { headers: { ...scene.headers, host } })).status;
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `localhost:${Number(port) + 1}`,
      "localhost",
      "127.0.0.1:80",
      `user@localhost:${port}`,
    ]) {
      assert.ok([400, 403].includes(await statusFor(host)), host);
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`]) {
      assert.equal(await statusFor(host), 200, host);
    }
  });

  test("a page of another origin does not get in, and gets no permission to ask", async () => {
    await using scene = await Scene.open();
    const { port } = new URL(scene.url);
    for (const origin of [
      "https://evil.example",
      "null",
      `http://localhost:${Number(port) + 1}`,
      `https://localhost:${port}`,
      `http://localhost:${port}.evil.example`,
    ]) {
      const answer = await send(`${scene.url}/api/status`, {
        headers: { ...scene.headers, origin },
      });
      assert.equal(answer.status, 403, origin);
      assert.equal(answer.body["code"], "HF-CONTROL-FORBIDDEN");
      const asked = await send(`${scene.url}/api/runs`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
      assert.equal(asked.status, 403);
      assert.equal(asked.headers["access-control-allow-origin"], undefined);
    }
    const own = { ...scene.headers, origin: scene.url };
    assert.equal((await send(`${scene.url}/api/status`, { headers: own })).status, 200);
  });

  test("a request without the token, or with a wrong one, is refused and shown none", async () => {
    await using scene = await Scene.open();
    const attempts = [
      undefined,
      "Bearer wrong",
      `Bearer ${scene.token}x`,
      `Bearer ${scene.token.slice(1)}`,
      scene.token,
      `Basic ${scene.token}`,
      "Bearer ",
    ];
    for (const authorization of attempts) {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await send(`${scene.url}/api/status`, { headers });
      assert.equal(answer.status, 401, authorization);
      assert.equal(answer.body["code"], "HF-CONTROL-TOKEN");
      assert.ok(!JSON.stringify(answer).includes(scene.token));
    }
    // The token in an address would land in histories and logs.
    assert.equal((await send(`${scene.url}/api/status?token=${scene.token}`)).status, 401);
  });

  test("only JSON is taken, so that no form of a page can post", async () => {
    await using scene = await Scene.open();
    for (const type of [
      undefined,
      "text/plain",
      "application/x-www-form-urlencoded",
      "text/plain; application/json",
      "application/jsonp",
    ]) {
      const headers = { ...scene.headers, ...(type === undefined ? {} : { "content-type": type }) };
      const answer = await scene.post("/api/runs", { workflow: "test.gate", id: "g" }, { headers });
      assert.equal(answer.status, 415, type);
    }
    assert.deepEqual((await scene.engine.list()).runs, []);
  });
});

describe("what the control API takes", () => {
  test("a body that is malformed, too large or has unknown fields is answered with what is wrong", async () => {
    await using scene = await Scene.open();
    const broken = await scene.post("/api/runs", {}, { body: '{"workflow": ' });
    assert.deepEqual([broken.status, broken.body["code"]], [400, "HF-CONTROL-MALFORMED"]);
    const empty = await scene.post("/api/runs", {}, { body: "" });
    assert.equal(empty.status, 400);
    const large = await scene.post("/api/runs", { workflow: "x".repeat(5 * 1024 * 1024) });
    assert.deepEqual([large.status, large.body["code"]], [413, "HF-CONTROL-TOO-LARGE"]);
    const unknown = await scene.post("/api/runs", { workflow: "test.gate", ID: "g" });
    assert.equal(unknown.status, 422);
    assert.match(String(unknown.body["detail"]), /"ID"/u);
    const kind = await scene.post("/api/runs", { workflow: 5 });
    assert.match(String(kind.body["detail"]), /workflow: /u);
    for (const body of ["null", "[]", '"text"', "5"]) {
      assert.equal((await scene.post("/api/runs", {}, { body })).status, 422, body);
    }
    assert.deepEqual((await scene.engine.list()).runs, []);
  });

  test("an unknown workflow or account is answered with those there are", async () => {
    await using scene = await Scene.open();
    const workflow = await scene.post("/api/runs", { workflow: "test.ecko", input: order });
    assert.equal(workflow.status, 404);
    assert.equal(
      workflow.body["detail"],
      'Cannot find workflow "test.ecko": the project has test.doubtful, test.echo, test.failing, test.gate, test.resumable.',
    );
    const account = await scene.post("/api/runs", { workflow: "test.gate", account: "nobody" });
    assert.equal(account.status, 422);
    assert.match(String(account.body["detail"]), /the project has default, other\./u);
  });

  test("an input that does not fit is answered with the path, and starts nothing", async () => {
    await using scene = await Scene.open();
    const input = { symbol: "BTC-PERP", amountUsd: 25, legs: [1, "two"] };
    const answer = await scene.post("/api/runs", { workflow: "test.echo", id: "e", input });
    assert.equal(answer.status, 422);
    assert.equal(answer.headers["content-type"], "application/problem+json");
    assert.match(String(answer.body["detail"]), /amountUsd: .*legs\[1\]: /u);
    assert.equal(answer.body["type"], "docs/reference/errors/HF-INPUT-INVALID.md");
    assert.equal((await scene.get("/api/runs/e")).status, 404);
  });

  test("queries of a listing are checked", async () => {
    await using scene = await Scene.open();
    for (const query of ["status=opened", "limit=0", "limit=x", "cursor=x", "state=open"]) {
      assert.equal((await scene.get(`/api/runs?${query}`)).status, 422, query);
    }
    assert.equal((await scene.get("/api/runs/x/result?timeout=soon")).status, 422);
    const missing = await scene.get("/api/nothing");
    assert.deepEqual([missing.status, missing.body["code"]], [404, "HF-CONTROL-UNKNOWN-PATH"]);
  });
});

describe("what the control API answers", () => {
  test("a run is started once for one request id, and its values are plain JSON", async () => {
    await using scene = await Scene.open();
    const start = { workflow: "test.echo", id: "echo/1", input: order, requestId: "r1" };
    const first = await scene.post("/api/runs", start);
    assert.deepEqual([first.status, first.body["created"]], [201, true]);
    assert.equal((await scene.post("/api/runs", start)).body["created"], false);
    const path = `/api/runs/${encodeURIComponent("echo/1")}`;
    // An amount leaves in millionths and marked, so that it is refused where USDC are expected.
    const output = { symbol: "BTC-PERP", amountUsd: "25000000n", legs: [1] };
    assert.deepEqual((await scene.get(`${path}/result?timeout=5s`)).body, {
      kind: "completed",
      output,
    });
    const run = (await scene.get(path)).body;
    assert.deepEqual(
      [run["status"], run["output"], run["account"]],
      ["completed", output, "default"],
    );
    const again = await scene.post("/api/runs", { ...start, id: "echo/2", input: output });
    assert.equal(again.status, 422);
    const { entries } = (await scene.get(`${path}/history`)).body as {
      entries: Record<string, unknown>[];
    };
    assert.deepEqual(entries[0]?.["input"], output);
    assert.match(String(entries[0]?.["at"]), /^\d{4}-\d\d-\d\dT/u);
    const existing = await scene.post("/api/runs", { ...start, requestId: "r2" });
    assert.deepEqual([existing.status, existing.body["code"]], [409, "HF-RUN-EXISTS"]);
  });

  test("a run is queried, signalled and waited for", async () => {
    await using scene = await Scene.open();
    await scene.post("/api/runs", { workflow: "test.gate", id: "g", account: "other" });
    const early = await scene.get("/api/runs/g/result?timeout=1");
    assert.deepEqual([early.status, early.body["code"]], [408, "HF-RESULT-TIMEOUT"]);
    await scene.post("/api/runs/g/signal", { signal: "nudge", requestId: "n1" });
    await scene.post("/api/runs/g/signal", { signal: "nudge", requestId: "n1" });
    const queried = await scene.post("/api/runs/g/query", { query: "state" });
    assert.deepEqual(queried.body, {
      answer: { opened: false, nudges: 1, amount: "25000000n" },
    });
    const wrong = await scene.post("/api/runs/g/signal", { signal: "opened", payload: {} });
    assert.equal(wrong.status, 422);
    assert.match(String(wrong.body["detail"]), /it declares open, nudge/u);
    const bad = await scene.post("/api/runs/g/signal", { signal: "open", payload: { by: 5 } });
    assert.match(String(bad.body["detail"]), /by: /u);
    const unknown = await scene.post("/api/runs/g/query", { query: "stat" });
    assert.match(String(unknown.body["detail"]), /it declares state/u);
    await scene.post("/api/runs/g/signal", { signal: "open", payload: { by: "a test" } });
    assert.deepEqual((await scene.get("/api/runs/g/result")).body, {
      kind: "completed",
      output: "opened by a test",
    });
    const late = await scene.post("/api/runs/g/signal", { signal: "nudge" });
    assert.deepEqual([late.status, late.body["code"]], [409, "HF-RUN-CLOSED"]);
  });

  test("runs are listed by status, account and id, page by page", async () => {
    await using scene = await Scene.open();
    for (const id of ["a1", "a2", "b1"]) {
      await scene.post("/api/runs", { workflow: "test.gate", id });
    }
    await scene.post("/api/runs/a1/cancel", { reason: "enough" });
    await scene.get("/api/runs/a1/result");
    const ids = async (query: string): Promise<string[]> =>
      ((await scene.get(`/api/runs?${query}`)).body["runs"] as { id: string }[]).map(
        ({ id }) => id,
      );
    assert.deepEqual(await ids("status=open"), ["b1", "a2"]);
    assert.deepEqual(await ids("status=cancelled"), ["a1"]);
    assert.deepEqual(await ids("id=a&status=open"), ["a2"]);
    assert.deepEqual(await ids("account=other"), []);
    const page = (await scene.get("/api/runs?limit=2")).body;
    assert.deepEqual(await ids(`limit=2&cursor=${String(page["cursor"])}`), ["a1"]);
    const { open, workflows: known } = (await scene.get("/api/status")).body;
    assert.deepEqual(
      [open, known],
      [2, ["test.doubtful", "test.echo", "test.failing", "test.gate", "test.resumable"]],
    );
  });

  test("a failure is told as what it is, and an unknown run is not found", async () => {
    await using scene = await Scene.open();
    await scene.post("/api/runs", { workflow: "test.failing", id: "f" });
    const result = (await scene.get("/api/runs/f/result")).body;
    assert.equal(result["kind"], "failed");
    assert.match(JSON.stringify(result["failure"]), /as it should/u);
    for (const path of ["", "/history", "/result"]) {
      const answer = await scene.get(`/api/runs/nobody${path}`);
      assert.deepEqual([answer.status, answer.body["code"]], [404, "HF-RUN-UNKNOWN"], path);
    }
    const resolved = await scene.post("/api/runs/f/resolve", {
      key: "k",
      resolution: "not-done",
      reason: "looked",
      actor: "a test",
    });
    assert.equal(resolved.status, 409);
  });

  test("an update is answered, refused by the run's own code, and one for one request id", async () => {
    await using scene = await Scene.open();
    await scene.post("/api/runs", { workflow: "test.gate", id: "g" });
    const rename = { update: "rename", input: "door", requestId: "u1" };
    for (let sent = 0; sent < 2; sent += 1) {
      const { body } = await scene.post("/api/runs/g/update", rename);
      assert.deepEqual(body, { answer: { before: "gate" } });
    }
    const same = await scene.post("/api/runs/g/update", { update: "rename", input: "door" });
    assert.deepEqual([same.status, same.body["code"]], [422, "HF-UPDATE-REFUSED"]);
    const bad = await scene.post("/api/runs/g/update", { update: "rename", input: "" });
    assert.equal(bad.body["code"], "HF-INPUT-INVALID");
    const tags = encodeURIComponent(JSON.stringify({ name: "door" }));
    const found = (await scene.get(`/api/runs?tags=${tags}`)).body["runs"] as { id: string }[];
    assert.deepEqual(
      found.map(({ id }) => id),
      ["g"],
    );
    assert.equal((await scene.get("/api/runs?tags=door")).status, 422);
    const ended = await scene.post("/api/runs/g/terminate", { reason: "test" });
    assert.deepEqual([ended.status, ended.body], [200, { terminated: true }]);
  });

  test("dead letters are listed, shown with what is called again, resumed and discarded", async () => {
    await using scene = await Scene.open();
    for (const id of ["f1", "f2"])
      await scene.post("/api/runs", { workflow: "test.resumable", id, input: `control-${id}` });
    for (const id of ["f1", "f2"]) await scene.get(`/api/runs/${id}/result`);
    const list = (await scene.get("/api/dead?kind=failed&limit=1")).body;
    assert.equal(list["total"], 2);
    const shown = (await scene.get("/api/runs/f1/dead")).body;
    assert.deepEqual(
      [shown["code"], shown["suggestion"], shown["again"]],
      [
        "TEST-REFUSED",
        "resume",
        [{ activity: "test.refused-once", effect: "external", ref: "control-f1/take" }],
      ],
    );
    assert.equal((await scene.post("/api/runs/f1/resume", { reason: "fixed" })).status, 422);
    const decision = { reason: "fixed", actor: "a test" };
    assert.equal((await scene.post("/api/runs/f1/resume", decision)).status, 200);
    assert.equal((await scene.get("/api/runs/f1/result")).body["output"], "taken");
    assert.equal((await scene.post("/api/runs/f2/discard", decision)).status, 200);
    assert.equal((await scene.get("/api/dead")).body["total"], 0);
    const late = await scene.post("/api/runs/f2/discard", decision);
    assert.deepEqual([late.status, late.body["code"]], [409, "HF-NO-DEAD-LETTER"]);
  });
});
