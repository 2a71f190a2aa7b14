// Holdfast as a peer among the others: the package that users install, with the engine's defaults.

import { join } from "node:path";
import { openEngine } from "holdfast";
import { steps } from "../../step.ts";
import type { Opened, Peer, Place } from "../peer.ts";
import { ownVersion } from "../version.ts";
import { effects, group, placeAt, sleeper } from "./definitions.ts";
import { openedOn } from "./opened.ts";

async function open(place: Place): Promise<Opened> {
  placeAt(place);
  const engine = await openEngine({
    path: join(place.folder, "journal.sqlite"),
    definitions: [steps, group, sleeper, effects],
  });
  return openedOn(engine, sleeper);
}

export const peer: Peer = {
  about: {
    version: `holdfast ${ownVersion()}`,
    durability:
      "SQLite WAL, synchronous=FULL: fsync before a step's result counts; one commit for all that is ready in a turn of the event loop",
    settings: ["its defaults; each step has a zod schema on both sides"],
    notes: [
      "as `holdfast serve` opens it; `holdfast dev`, which is `npm start`, also replays each activation at once, to find what is not deterministic, which is not in these figures",
      "runs from its TypeScript sources, whose types Node strips at start: W6 contains that",
      "commits many runs together, so a kill in the midst of a turn repeats the steps of the whole turn: W6 shows the worst case, since all its runs go in step",
    ],
  },
  open,
};
