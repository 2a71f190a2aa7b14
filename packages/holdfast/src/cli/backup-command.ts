// `backup`: a copy of the journal, also while the project runs.

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { backUpJournal } from "@holdfast/engine";
import { environmentFolder, environmentName } from "../config/environment.ts";
import { sizeOf } from "../doctor/machine.ts";
import { checkConfig } from "../doctor/project.ts";
import { stateFolder } from "../host/state-folder.ts";
import { leave, say, sayJson } from "./print.ts";

export interface BackupCommandOptions {
  readonly config?: string;
  readonly state?: string;
  readonly json?: boolean;
}

export async function backupCommand(file: string, options: BackupCommandOptions): Promise<void> {
  const { journal } = stateFolder(await folderOf(options));
  const to = resolve(file);
  backUpJournal(journal, to);
  const { size: bytes } = statSync(to);
  if (options.json === true) sayJson({ journal, backup: to, bytes });
  else
    say(`Backed up ${journal} to ${to} (${sizeOf(bytes)}). The secrets beside it are not in it.`);
  await leave();
}

/** A configuration that does not load is no reason to go without a backup. */
async function folderOf(options: BackupCommandOptions): Promise<string> {
  const { project } = await checkConfig(options);
  return (
    project?.stateFolder ??
    resolve(options.state ?? environmentFolder(".holdfast", environmentName()))
  );
}
