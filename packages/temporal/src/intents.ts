// The store of intents of a project: the one that its configuration names, or one in the state folder.

import { join } from "node:path";
import type { IntentStore } from "@holdfast/core";
import { openSqliteIntents } from "@holdfast/storage";
import type { TemporalOptions } from "./options.ts";

/** The file in the state folder, where no other store is named. */
const INTENTS = "intents.sqlite";

/** Opens the store; one that is opened here is closed with `opened`. */
export async function openIntents(
  { intents }: Pick<TemporalOptions, "intents">,
  stateFolder: string,
  opened: AsyncDisposableStack,
): Promise<IntentStore> {
  if (typeof intents === "function") return opened.use(await intents());
  return intents ?? opened.use(openSqliteIntents(join(stateFolder, INTENTS)));
}
