// A state folder belongs to one venue and one mode, from its first use on: paper and live never share a journal,
// secrets or an acceptance.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HoldfastError } from "@holdfast/core";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { writeDurably } from "../secret/durable-file.ts";
import type { StateFolder } from "./state-folder.ts";

const Belonging = z.object({ mode: z.enum(["paper", "live"]), url: z.string() });
/** The venue of a folder: "paper" for the one that lies in the folder itself, else its address. */
export type Belonging = z.infer<typeof Belonging>;

const FILE = "venue.json";

export function belongingOf(venue: Config["venue"]): Belonging {
  if (venue === undefined || venue.kind === "paper") return { mode: "paper", url: "paper" };
  return { mode: venue.kind === "live" ? "live" : "paper", url: venue.baseUrl };
}

/** What a folder belongs to; undefined where nobody has said it. */
export function readBelonging({ path }: Pick<StateFolder, "path">): Belonging | undefined {
  const file = join(path, FILE);
  if (!existsSync(file)) return undefined;
  try {
    return Belonging.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new HoldfastError(
      "HF-VENUE-MISMATCH",
      `Cannot use ${path}: ${file} should say which venue it belongs to, and is unreadable. Bring it back from a copy, or use another state folder.`,
      { class: "state", cause },
    );
  }
}

/** @throws HF-VENUE-MISMATCH where the folder belongs to another venue or mode; nothing was opened then */
export function checkBelonging(folder: Pick<StateFolder, "path">, wanted: Belonging): void {
  const kept = readBelonging(folder);
  if (kept === undefined || (kept.mode === wanted.mode && kept.url === wanted.url)) return;
  throw new HoldfastError(
    "HF-VENUE-MISMATCH",
    `Cannot use ${folder.path} for ${describe(wanted)}: it belongs to ${describe(kept)}. Choose an environment of its own with --env, or another folder with --state.`,
    { class: "state", details: { before: kept, now: wanted } },
  );
}

/** Says what the folder belongs to, once and for all. */
export function claimFolder(folder: StateFolder, wanted: Belonging): void {
  checkBelonging(folder, wanted);
  if (readBelonging(folder) === undefined) {
    writeDurably(folder.path, FILE, JSON.stringify(wanted));
  }
}

function describe({ mode, url }: Belonging): string {
  return url === "paper" ? "the paper venue in the folder" : `the ${mode} venue ${url}`;
}
