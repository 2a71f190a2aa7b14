// The process that runs the state folder: whether it lives, whether it answers, and whether it is short of something.

import { hasCode } from "@holdfast/core";
import { z } from "zod";
import { connectControl, isAlive } from "../control/client.ts";
import { stateFolder } from "../host/state-folder.ts";
import { type Finding, fine, problem, warn } from "./finding.ts";

const ABOUT = "process";

const Status = z.object({
  watch: z.array(z.object({ title: z.string(), level: z.number(), says: z.string() })).default([]),
});

export async function checkOwner(folder: string): Promise<readonly Finding[]> {
  const control = stateFolder(folder).readControl();
  if (control === undefined) return [fine(ABOUT, "none runs")];
  const { pid, url } = control;
  if (!isAlive(pid)) {
    const says = `none runs; the last one (pid ${pid}) was killed, and a start goes on after it`;
    return [fine(ABOUT, says)];
  }
  try {
    const { watch } = Status.parse(await connectControl(folder).get("/api/status"));
    return [fine(ABOUT, `pid ${pid} runs, and answers at ${url}`), ...watch.map(shortOf)];
  } catch (error) {
    const says = hasCode(error, "HF-NOT-RUNNING")
      ? `a process with pid ${pid} is there, and does not answer at ${url}`
      : `pid ${pid} answers with an error: ${error instanceof Error ? error.message : String(error)}`;
    const advice =
      "Look at its log and stop it; where the pid is another program's, remove control.json.";
    return [problem(ABOUT, says, advice)];
  }
}

const SHORT = ["", "no run begins", "no run begins, and calls without money wait by priority"];

function shortOf({ title, level, says }: z.output<typeof Status>["watch"][number]): Finding {
  const about = `${ABOUT}, ${title}`;
  if (level === 0) return fine(about, says);
  const advice = "See HF-OVERLOADED for what to do, and docs/guides/state.md for the limits.";
  if (level < 3) return warn(about, `${says}: ${SHORT[level]}`, advice);
  return problem(
    about,
    `${says}: over the hard limit; the process will end and begin anew`,
    advice,
  );
}
