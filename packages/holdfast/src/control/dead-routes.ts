// The dead letters over HTTP: the list, and a person's word on a run.

import { randomUUID } from "node:crypto";
import type { DeadLetter, Engine } from "@holdfast/core";
import { repeatedCalls } from "@holdfast/engine";
import type { Hono } from "hono";
import { refusal } from "./problem.ts";
import { DeadQuery, DecisionBody, readBody, readQuery } from "./request.ts";

type Reads = Pick<Engine, "dead" | "history">;

export function addDeadLetters(app: Hono, engine: Reads): void {
  app.get("/api/dead", async (c) => c.json(await engine.dead(readQuery(c.req.query(), DeadQuery))));
  app.get("/api/runs/:id/dead", async (c) => {
    const id = c.req.param("id");
    const letter = await letterOf(engine, id);
    const history = letter.kind === "failed" ? await engine.history(id) : [];
    return c.json({ ...letter, again: repeatedCalls(history.map(({ entry }) => entry)) });
  });
}

export function addDecisions(app: Hono, engine: Engine): void {
  for (const kind of ["resume", "discard"] as const) {
    app.post(`/api/runs/:id/${kind}`, async (c) => {
      const { requestId = randomUUID(), ...decision } = await readBody(c.req.raw, DecisionBody);
      await engine.apply([{ kind, id: c.req.param("id"), requestId, ...decision }]);
      return c.json({ done: kind });
    });
  }
}

async function letterOf(engine: Reads, id: string): Promise<DeadLetter> {
  const [letter] = (await engine.dead({ id, limit: 1 })).letters;
  if (letter !== undefined) return letter;
  throw refusal(
    "HF-NO-DEAD-LETTER",
    `Run "${id}" is not among the dead letters. See them all: holdfast dead list.`,
  );
}
