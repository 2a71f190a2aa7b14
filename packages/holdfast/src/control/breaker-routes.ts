// The breakers over HTTP: how they stand, and a person's word on one.

import type { Clock, Engine } from "@holdfast/core";
import type { Hono } from "hono";
import { BreakerBody, readBody } from "./request.ts";

export function addBreakerReads(app: Hono, engine: Pick<Engine, "breakers">, clock: Clock): void {
  app.get("/api/breakers", async (c) =>
    c.json({ now: clock.now(), breakers: await engine.breakers() }),
  );
}

/** The name has a slash, so it stands in the body. */
export function addBreakers(app: Hono, engine: Engine): void {
  app.post("/api/breakers", async (c) => {
    const { name, wish, actor, reason } = await readBody(c.req.raw, BreakerBody);
    await engine.apply([{ kind: "breaker", name, wish, actor, reason }]);
    return c.json({ name, wish });
  });
}
