// The journal file as a whole: what SQLite finds wrong with it, and every run that it has. Only looks.

import type { DatabaseSync } from "node:sqlite";

export interface Health {
  readonly format: number;
  /** What SQLite finds wrong with the file's own structure; nothing where it is sound. */
  faults(): readonly string[];
  /** Every run, oldest first, also one that cannot be read. */
  runs(): readonly { readonly row: number; readonly id: string }[];
  /** Looks at one moment of the file, whatever its owner writes meanwhile. */
  snapshot<Value>(look: () => Value): Value;
}

export function health(database: DatabaseSync): Health {
  return {
    get format() {
      return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
    },
    faults() {
      const found = database.prepare("PRAGMA quick_check").all();
      return found.map((row) => String(row["quick_check"])).filter((text) => text !== "ok");
    },
    runs() {
      const rows = database.prepare("SELECT row, id FROM run ORDER BY row").all();
      return rows.map(({ row, id }) => ({ row: Number(row), id: String(id) }));
    },
    snapshot(look) {
      database.exec("BEGIN");
      try {
        return look();
      } finally {
        database.exec("COMMIT");
      }
    },
  };
}
