// Tells people of venues that are let alone. A probe that fails goes on with the same episode.

import { TEXT_MAX, TITLE_MAX } from "@holdfast/notify";
import type { EpisodeSource, Wanted } from "./episodes.ts";

const PREFIX = "notify/breaker/";

export const breakerSource: EpisodeSource = {
  prefix: PREFIX,
  over: "It is closed again: calls are sent.",
  comesAgain: () => true,
  async read(engine) {
    const open = (await engine.breakers()).filter(({ mode }) => mode !== "closed");
    const wanted = open.map(({ name, forced, lastFailure }): [string, Wanted] => {
      const why =
        forced === undefined
          ? `Its last failure: ${lastFailure?.code ?? "unknown"}: ${lastFailure?.message ?? ""}`
          : `Held open by ${forced.actor}: ${forced.reason}`;
      const text = `${why}\n\nCalls wait and are not sent. See it: holdfast breakers`;
      return [
        `${PREFIX}${name}`,
        {
          level: "warning",
          title: `Breaker ${name} is open`.slice(0, TITLE_MAX).toWellFormed(),
          text: text.slice(0, TEXT_MAX).toWellFormed(),
        },
      ];
    });
    return { wanted: new Map(wanted), isWhole: true };
  },
};
