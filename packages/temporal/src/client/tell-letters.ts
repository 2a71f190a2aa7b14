// Tells of dead letters when they change. The server says nothing by itself, so it is asked: often what can be
// searched for, and more seldom for stuck runs, for which every open run is looked at.

import { type DeadLetter, type DeadLetterPage, type Log, toFailure } from "@holdfast/core";
import { every } from "../clock/every.ts";
import { dead } from "./dead.ts";
import type { Client } from "./part.ts";

/** How often the server is asked, in milliseconds. */
const LOOK_MS = 10_000;
/** At which of these looks stuck runs are looked for, too. */
const STUCK_EVERY = 6;
/** Dead letters that are told of a change. */
const TOLD = 10;

export interface TellLettersOptions {
  readonly client: Client;
  readonly log: Log;
  readonly tell: (page: DeadLetterPage) => void;
}

/** Asks until it is disposed of. */
export function tellLetters({ client, log, tell }: TellLettersOptions): Disposable {
  let looks = 0;
  let isLooking = false;
  let isClosed = false;
  let stuck: Found = { letters: [], total: 0 };
  let told: string | undefined;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      if (looks % STUCK_EVERY === 0) stuck = await found(client, ["stuck"]);
      looks += 1;
      const others = await found(client, ["failed", "in-doubt", "awaiting-approval"]);
      const letters = [...others.letters, ...stuck.letters].sort((a, b) => b.lastAt - a.lastAt);
      const total = others.total + stuck.total;
      const state = JSON.stringify([total, letters.map(({ runId, lastAt }) => [runId, lastAt])]);
      if (state !== told && !isClosed)
        tell({ letters: letters.slice(0, TOLD), total, cursor: undefined });
      told = state;
    } catch (error) {
      if (isClosed) return;
      log.warn("Cannot look for dead letters; it is tried again.", {
        failure: toFailure(error).message,
      });
    } finally {
      isLooking = false;
    }
  };
  void look();
  const looking = every(LOOK_MS, () => void look());
  return {
    [Symbol.dispose]() {
      isClosed = true;
      looking[Symbol.dispose]();
    },
  };
}

interface Found {
  readonly letters: readonly DeadLetter[];
  readonly total: number;
}

async function found(client: Client, kinds: readonly DeadLetter["kind"][]): Promise<Found> {
  const pages = await Promise.all(kinds.map((kind) => dead(client, { kind, limit: TOLD })));
  return {
    letters: pages.flatMap(({ letters }) => letters),
    total: pages.reduce((sum, { total }) => sum + total, 0),
  };
}
