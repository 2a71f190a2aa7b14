// What `verify` and `chaos` have in common: the workflow that is tried, and an exit code that is a verdict.

import type { Config } from "../config/config.ts";
import { loadProject } from "../config/load.ts";
import { type Found, type Wanted, find } from "../verify/wanted.ts";
import { leave, sayError } from "./print.ts";
import { inputOf } from "./running.ts";

export interface TrialOptions {
  readonly config?: string;
  readonly input?: string;
  readonly id?: string;
  readonly account?: string;
}

/** A workflow of the project in this folder, or of the demo where there is none, with what it begins with. */
export async function tried(
  name: string,
  { config: file, input, id, account }: TrialOptions,
  words: Pick<Wanted, "verb" | "otherwise">,
): Promise<Found & { readonly config: Config }> {
  const { config } = await loadProject({
    folder: process.cwd(),
    file,
    fallback: async () => (await import("../demo/demo.ts")).demo,
  });
  return { config, ...find(config, { ...words, name, input: inputOf(input), id, account }) };
}

/** Does it, and leaves with the exit code that it gives. */
export async function leaveWith(trial: () => Promise<number>): Promise<void> {
  // What an agent leaves floating when its engine has crashed or ended must not end the command.
  process.on("unhandledRejection", () => undefined);
  try {
    process.exitCode = await trial();
  } catch (error) {
    sayError(error);
    // 1 says that the agent is wrong, and nobody knows that here.
    process.exitCode = 2;
  }
  await leave();
}
