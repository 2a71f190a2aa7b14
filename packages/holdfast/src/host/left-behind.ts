// What the embedded engine has left in a folder whose project runs on another engine by now.

import { existsSync } from "node:fs";
import { openReader } from "@holdfast/engine";
import type { Config } from "../config/config.ts";
import type { StateFolder } from "./state-folder.ts";

/** Ids of runs that are open in the journal, or have left it and have not begun elsewhere. */
export async function openInJournal(
  config: Config,
  { journal }: Pick<StateFolder, "journal">,
): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  if (config.engine === undefined || !existsSync(journal)) return ids;
  using reader = openReader(journal);
  for (let cursor: string | undefined; ;) {
    const page = await reader.list({ status: "open", limit: 1_000, cursor });
    for (const { id } of page.runs) ids.add(id);
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  for (const { id } of await reader.inspect((store) => store.leaving.all())) ids.add(id);
  return ids;
}
