// `init`: a new project, and what to do next in it.

import { relative } from "node:path";
import { initProject } from "../init/init.ts";
import { clean } from "../terminal/text.ts";
import { say } from "./print.ts";
import { VERSION, ZOD_VERSION } from "./version.ts";

export interface InitCommandOptions {
  readonly name?: string;
  readonly force?: boolean;
}

export function initCommand(folder: string, { name, force }: InitCommandOptions): void {
  const dependencies = { holdfast: VERSION, zod: ZOD_VERSION };
  const made = initProject({ folder, name, force, dependencies });
  say(clean(`Made ${made.name} in ${made.folder}: ${made.written.join(", ") || "no file"}.`));
  if (made.kept.length > 0) say(`Left as they were: ${made.kept.join(", ")}.`);
  const here = relative("", made.folder);
  say("Next:");
  if (here !== "") say(clean(`  cd ${/\s/u.test(here) ? `"${here}"` : here}`));
  if (made.kept.includes("package.json")) {
    const wanted = Object.entries(dependencies).map(([dependency, at]) => `${dependency}@${at}`);
    say(`  npm install --save-exact ${wanted.join(" ")}`);
    say("  npx holdfast dev    what holdfast.config.ts says, at a paper venue");
    return;
  }
  say("  npm install");
  say("  npm test         a year of the agent in virtual time, with a crash on the way");
  say("  npm start        the agent at a paper venue; Ctrl-C stops it, the same command goes on");
}
