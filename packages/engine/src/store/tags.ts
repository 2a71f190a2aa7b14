// The tag table: what runs are found by.

import type { DatabaseSync } from "node:sqlite";
import type { TagValue, Tags } from "@holdfast/core";

export interface TagTable {
  set(run: number, tags: Tags): void;
  of(run: number): Tags;
}

export function tagTable(database: DatabaseSync): TagTable {
  const set = database.prepare("INSERT OR REPLACE INTO tag (run, name, value) VALUES (?, ?, ?)");
  const of = database.prepare("SELECT name, value FROM tag WHERE run = ? ORDER BY name");
  return {
    set(run, tags) {
      for (const [name, value] of Object.entries(tags)) set.run(run, name, JSON.stringify(value));
    },
    of(run) {
      const entries = of
        .all(run)
        .map(({ name, value }): [string, TagValue] => [
          String(name),
          JSON.parse(String(value)) as TagValue,
        ]);
      return Object.fromEntries(entries);
    },
  };
}
