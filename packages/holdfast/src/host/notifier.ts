// The notifier of a project: its channels, with the secrets that the environment or the state folder has.

import { basename, dirname } from "node:path";
import { type Provided, provide } from "@holdfast/core";
import { createNotifier, notifier } from "@holdfast/notify";
import type { Project } from "../config/load.ts";
import type { Secrets } from "../secret/secrets.ts";

/** What activities are given to tell people with; nothing where the project tells nobody. */
export function notifierOf({ config, file }: Project, secrets: Secrets): readonly Provided[] {
  const { notify } = config;
  if (notify === undefined) return [];
  const {
    channels,
    quiet,
    source = file === undefined ? "holdfast" : basename(dirname(file)),
  } = notify;
  const found = createNotifier({
    channels,
    quiet,
    source,
    secret: (name) => process.env[name] || secrets.read(name),
  });
  return [provide(notifier, () => found)];
}
