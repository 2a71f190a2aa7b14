// The process that runs the state folder: whether it lives, and whether it answers.

import { hasCode } from "@holdfast/core";
import { connectControl, isAlive } from "../control/client.ts";
import { stateFolder } from "../host/state-folder.ts";
import { type Finding, fine, problem } from "./finding.ts";

const ABOUT = "process";

export async function checkOwner(folder: string): Promise<Finding> {
  const control = stateFolder(folder).readControl();
  if (control === undefined) return fine(ABOUT, "none runs");
  const { pid, url } = control;
  if (!isAlive(pid)) {
    return fine(
      ABOUT,
      `none runs; the last one (pid ${pid}) was killed, and a start goes on after it`,
    );
  }
  try {
    await connectControl(folder).get("/api/status");
    return fine(ABOUT, `pid ${pid} runs, and answers at ${url}`);
  } catch (error) {
    const says = hasCode(error, "HF-NOT-RUNNING")
      ? `a process with pid ${pid} is there, and does not answer at ${url}`
      : `pid ${pid} answers with an error: ${error instanceof Error ? error.message : String(error)}`;
    return problem(
      ABOUT,
      says,
      "Look at its log and stop it; where the pid is another program's, remove control.json.",
    );
  }
}
