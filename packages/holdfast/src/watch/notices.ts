// Tells people what the process is short of: each level once in an episode, and that it is over.

import type { EpisodeSource, Wanted } from "../host/episodes.ts";
import type { Reached } from "./watch.ts";

const PREFIX = "notify/watch/";

/** @param reached what is reached now; a process that was begun anew has reached nothing yet */
export function watchSource(reached: () => readonly Reached[]): EpisodeSource {
  return {
    prefix: PREFIX,
    over: "There is enough again.",
    read: async () => {
      const wanted = reached().map(({ resource, since, level, title, text }) => {
        const id = `${PREFIX}${resource}/${since}/${level}`;
        const notice: Wanted = { level: level === 3 ? "critical" : "warning", title, text };
        return [id, notice] as const;
      });
      return { wanted: new Map(wanted), isWhole: true };
    },
  };
}
