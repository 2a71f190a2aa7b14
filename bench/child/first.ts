// A process that says "done" when its first work is on disk: the engine's first run, or the floor's first
// row. The floor loads nothing but the database, so the engine is imported only where it is meant.
// Arguments: engine or floor, the file.

import { DatabaseSync } from "node:sqlite";
import { profiled } from "./profiled.ts";

async function firstRun(path: string): Promise<void> {
  await using _engine = await profiled(async () => {
    const [{ openEngine }, { steps }] = await Promise.all([
      import("@holdfast/engine"),
      import("../step.ts"),
    ]);
    const engine = await openEngine({ path, definitions: [steps], durability: "full" });
    const run = await engine.client.start(steps, 1, { id: "first" });
    await run.result();
    return engine;
  });
  process.stdout.write("done\n");
}

function firstRow(path: string): void {
  using database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  database.exec("CREATE TABLE journal (run INTEGER, data TEXT)");
  database.prepare("INSERT INTO journal (run, data) VALUES (?, ?)").run(1, "first");
  process.stdout.write("done\n");
}

const [mode, path = ""] = process.argv.slice(2);
if (mode === "engine") await firstRun(path);
else firstRow(path);
