// Backups of a scene's journal, and what a restore does to it: the file is put back, and what lies beside it is not.

import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Scene } from "./scene.ts";

const JOURNAL = "journal.sqlite";

/** A whole copy of the journal, or of the venue, beside whoever has it open. */
export function backUp(scene: Scene, file = JOURNAL): string {
  const path = join(scene.folder, `${file}.backup`);
  using journal = new DatabaseSync(join(scene.folder, file), { readOnly: true });
  journal.prepare("VACUUM INTO ?").run(path);
  return path;
}

/** Has a log written back into its file, as its owner does when it has grown long enough. */
export function writeBack(path: string): void {
  using database = new DatabaseSync(path);
  database.exec("PRAGMA wal_checkpoint(PASSIVE)");
}

/** Ends the engine as a crash would, and puts a backup in the place of its journal. */
export function putBack(scene: Scene, backup: string): void {
  const path = join(scene.folder, JOURNAL);
  scene.engine.abandon();
  for (const suffix of ["-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
  copyFileSync(backup, path);
}

/** What lies beside the journal is put back, too: the restore of a whole folder. Nothing there tells of it. */
export function putBackWhole(scene: Scene, backup: string): void {
  const path = join(scene.folder, JOURNAL);
  putBack(scene, backup);
  using journal = new DatabaseSync(path, { readOnly: true });
  const found = journal.prepare("SELECT value FROM meta WHERE name = 'mark'").get();
  const beside = { ...(JSON.parse(readFileSync(`${path}.mark`, "utf8")) as object), position: 0 };
  writeFileSync(`${path}.mark`, JSON.stringify({ ...beside, mark: found?.["value"] }));
}
