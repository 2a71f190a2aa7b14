// Over HTTP: whether the engine takes starts, what it still has, and what leaves it for another one. Only the embedded
// engine is left.

import {
  type DrainReport,
  type Engine,
  HoldfastError,
  type MovedBook,
  type StoredIntent,
  encode,
} from "@holdfast/core";
import type { Hono } from "hono";
import { DrainBody, MovedQuery, MovingBody, readBody, readQuery } from "./request.ts";

interface MovedFilter {
  readonly run?: string | undefined;
  readonly after?: string | undefined;
}

export interface Drainable extends Pick<Engine, "apply"> {
  draining(): Promise<DrainReport>;
  movedIntents(
    filter: MovedFilter,
  ): Promise<{ readonly intents: readonly StoredIntent[]; readonly after: string | undefined }>;
  movedBook(filter: MovedFilter): Promise<MovedBook>;
}

export function addDrain(app: Hono, drainable: Drainable | undefined): void {
  const engine = (): Drainable => {
    if (drainable !== undefined) return drainable;
    throw new HoldfastError(
      "HF-NOT-EMBEDDED",
      "Cannot drain this engine: only the embedded one is left for another. Stop its workers.",
      { class: "logic", disposition: "refused", outcome: "not-sent" },
    );
  };
  app.get("/api/engine", async (c) => c.json(await engine().draining()));
  app.get("/api/engine/intents", async (c) =>
    c.json(await engine().movedIntents(readQuery(c.req.query(), MovedQuery))),
  );
  // Encoded: amounts are integers that JSON lacks.
  app.get("/api/engine/guard", async (c) =>
    c.json({ book: encode(await engine().movedBook(readQuery(c.req.query(), MovedQuery))) }),
  );
  app.post("/api/engine/drain", async (c) => {
    const request = await readBody(c.req.raw, DrainBody);
    await engine().apply([{ kind: "drain", ...request }]);
    return c.json({ drained: request.on });
  });
  app.post("/api/engine/moving", async (c) => {
    const request = await readBody(c.req.raw, MovingBody);
    await engine().apply([{ kind: "moving", ...request }]);
    return c.json({ step: request.step });
  });
}
