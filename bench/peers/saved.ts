// What a call writes with --json and a later one takes up with --with: a comparison takes long, and a machine
// that others use, too, is better asked for it in pieces.

import { readFileSync, writeFileSync } from "node:fs";
import { UsageError } from "../usage.ts";
import type { About, Hop } from "./peer.ts";
import { type Listed, PEERS } from "./peers.ts";
import type { Circumstances, Reported } from "./report.ts";
import type { Absent, Present, SavedResults } from "./results.ts";

export interface Saved extends SavedResults {
  readonly circumstances: Circumstances;
  readonly peers: readonly { readonly name: string; readonly about: About; readonly hop?: Hop }[];
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
}

export function save(path: string, { circumstances, present, absent, results }: Reported): void {
  const saved: Saved = {
    circumstances,
    peers: present.map(({ listed: { name }, about, hop }) =>
      hop === undefined ? { name, about } : { name, about, hop },
    ),
    absent: absent.map(({ listed: { name }, reason }) => ({ name, reason })),
    ...results.save(),
  };
  writeFileSync(path, `${JSON.stringify(saved, undefined, 2)}\n`);
}

/** Throws UsageError. */
export function load(path: string): Saved {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Saved;
  } catch (error) {
    throw new UsageError(`Cannot read the figures of an earlier call in ${path}.`, {
      cause: error,
    });
  }
}

interface Found {
  readonly present: readonly Present[];
  readonly absent: readonly Absent[];
}

/** The peers of both calls, in the order of the report; what is known now goes before. */
export function joined(now: Found, earlier: Saved): Found {
  const present = PEERS.flatMap((listed): readonly Present[] => {
    const old = earlier.peers.find(({ name }) => name === listed.name);
    const found = now.present.find((it) => it.listed === listed);
    return found === undefined ? asPresent(listed, old) : [found];
  });
  const absent = PEERS.flatMap((listed): readonly Absent[] => {
    if (present.some((it) => it.listed === listed)) return [];
    const found = now.absent.find((it) => it.listed === listed);
    const old = earlier.absent.find(({ name }) => name === listed.name);
    if (found !== undefined) return [found];
    return old === undefined ? [] : [{ listed, reason: old.reason }];
  });
  return { present, absent };
}

function asPresent(listed: Listed, old: Saved["peers"][number] | undefined): readonly Present[] {
  return old === undefined ? [] : [{ listed, about: old.about, hop: old.hop }];
}
