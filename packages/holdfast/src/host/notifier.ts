// The notifier of a project: its channels, with the secrets that the environment or the state folder has.

import { basename, dirname } from "node:path";
import { type Provided, provide } from "@holdfast/core";
import { type Notifier, createNotifier, notifier } from "@holdfast/notify";
import type { Project } from "../config/load.ts";
import type { Secrets } from "../secret/secrets.ts";

/**
 * What activities are given to tell people with; nothing where the project tells nobody.
 *
 * @param expand what a text becomes when it leaves: a link that no journal may hold
 */
export function notifierOf(
  { config, file }: Project,
  secrets: Secrets,
  expand: (text: string) => Promise<string> = async (text) => text,
): readonly Provided[] {
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
  const telling: Notifier = {
    ...found,
    async send(channel, message, how) {
      await found.send(channel, { ...message, text: await expand(message.text) }, how);
    },
  };
  return [provide(notifier, () => telling)];
}
