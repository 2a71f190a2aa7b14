// A name of one measurement, on a server that it shares with others: both processes of W6 have the same one.

import { basename, dirname } from "node:path";
import type { Place } from "./peer.ts";

/** The folder of the measurement, in which the peer's own lies. */
export const ownName = ({ folder }: Pick<Place, "folder">): string => basename(dirname(folder));
