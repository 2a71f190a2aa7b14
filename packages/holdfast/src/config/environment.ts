// Environments of a project, such as "paper" and "live": each has a state folder of its own, so that what one has
// done is never taken for what another did. The name stands in HOLDFAST_ENV, where the configuration can read it.

import { join } from "node:path";
import { HoldfastError } from "@holdfast/core";

/** The variable that names the environment; `--env` sets it. */
export const ENVIRONMENT = "HOLDFAST_ENV";

const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/u;

/** The environment that is chosen; undefined where none is. @throws HF-ENV-INVALID */
export function environmentName(): string | undefined {
  const name = process.env[ENVIRONMENT];
  if (name === undefined || name === "") return undefined;
  if (NAME.test(name)) return name;
  throw new HoldfastError(
    "HF-ENV-INVALID",
    `Cannot use ${JSON.stringify(name)} as an environment: its name has 1 to 32 small letters, digits and hyphens, such as "live".`,
    { class: "data" },
  );
}

/** The state folder of an environment: a folder of its own within the project's. */
export function environmentFolder(base: string, name: string | undefined): string {
  return name === undefined ? base : join(base, "envs", name);
}
