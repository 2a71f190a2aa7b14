// The reading half of the control API where no process runs: the same questions and answers, from the journal
// file. Whatever would change something is refused.

import { existsSync } from "node:fs";
import { openReader, systemClock, temporalHistory } from "@holdfast/engine";
import { stateFolder } from "../host/state-folder.ts";
import { type ControlClient, answerOf, notRunning, withQuery } from "./client.ts";
import { createReadApp } from "./read-routes.ts";

/** @throws HF-NOT-RUNNING where there is no journal either; later HF-STATE-… */
export function connectJournal(folder: string): ControlClient {
  const { journal } = stateFolder(folder);
  if (!existsSync(journal)) throw notRunning(folder);
  return {
    async get(path, query) {
      using engine = openReader(journal);
      const app = createReadApp({
        engine,
        guard: engine.guard,
        clock: systemClock,
        temporalHistory: (id, generation) => temporalHistory(engine, id, generation),
      });
      return await answerOf(await app.request(withQuery(path, query)));
    },
    post: () => Promise.reject(notRunning(folder)),
  };
}
