// Looks at everything that a project needs to run, one thing after the other, and says what it finds. Reads
// only, also while the project runs.

import { resolve } from "node:path";
import { systemClock } from "@holdfast/engine";
import { environmentFolder, environmentName } from "../config/environment.ts";
import { stateFolder } from "../host/state-folder.ts";
import type { Finding } from "./finding.ts";
import { checkJournalFile } from "./journal.ts";
import { checkEngine } from "./engine.ts";
import { checkGuard, checkGuarded } from "./guard.ts";
import { checkFolder, checkNode } from "./machine.ts";
import { checkOwner } from "./owner.ts";
import { checkConfig, checkProject } from "./project.ts";

export interface DoctorOptions {
  readonly config?: string | undefined;
  readonly state?: string | undefined;
}

export async function examineProject(options: DoctorOptions): Promise<readonly Finding[]> {
  const { project, finding } = await checkConfig(options);
  const folder =
    project?.stateFolder ??
    resolve(options.state ?? environmentFolder(".holdfast", environmentName()));
  const { journal: path } = stateFolder(folder);
  const journal = checkJournalFile(path, systemClock.now());
  const engine = project?.config.engine;
  const guardIn = async (isUnreadable: boolean): Promise<readonly Finding[]> =>
    isUnreadable ? [] : checkGuard(path, project?.config, systemClock.now());
  return [
    checkNode(process.versions.node),
    finding,
    // The demo says nothing of a journal that somebody else's code has written.
    ...(project?.file === undefined ? [] : checkProject(project.config, journal.examination)),
    ...(project?.file === undefined ? [] : [checkGuarded(project.config)]),
    ...checkFolder(folder),
    ...(await checkOwner(folder)),
    ...(project === undefined || engine === undefined
      ? [...journal.findings, ...(await guardIn(journal.examination === undefined))]
      : await checkEngine(engine, project.config)),
  ];
}
