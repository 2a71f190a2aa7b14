// The line of a worker: who begins, beside whom, and in which order after a crash.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Place, type Turn, Turns } from "./turns.ts";

const NEVER = new AbortController().signal;

function place(name: string, how: Partial<Place> = {}): Place {
  return { suspect: false, lost: false, at: 0, name, ...how };
}

/** Puts places in line, and notes who has begun. */
function standing(turns: Turns, begun: string[]) {
  return async (who: Place, unwanted = NEVER): Promise<Turn | undefined> => {
    const turn = turns.tryEnter(who) ?? (await turns.enter(who, unwanted));
    begun.push(turn === undefined ? `not ${who.name}` : who.name);
    return turn;
  };
}

test("Turns lets a suspect begin only while nothing else runs, and nothing beside it", async () => {
  const turns = new Turns();
  turns.open();
  const begun: string[] = [];
  const enter = standing(turns, begun);
  const first = await enter(place("first"));
  const suspect = enter(place("suspect", { suspect: true }));
  const second = await enter(place("second"));
  assert.deepEqual(begun, ["first", "second"], "a suspect that waits holds nobody up");
  first?.[Symbol.dispose]();
  second?.[Symbol.dispose]();
  const alone = await suspect;
  assert.equal(alone?.alone, true);
  const third = enter(place("third"));
  await Promise.resolve();
  assert.deepEqual(begun, ["first", "second", "suspect"]);
  alone[Symbol.dispose]();
  assert.equal((await third)?.alone, false);
});

test("Turns lets suspects begin first, in their order, when all that was lost has come", async () => {
  const turns = new Turns();
  const begun: string[] = [];
  const enter = standing(turns, begun);
  const places = [
    place("lost", { lost: true }),
    place("b", { suspect: true, lost: true, at: 2 }),
    place("c", { suspect: true, lost: true, at: 2 }),
    place("a", { suspect: true, lost: true, at: 1 }),
    place("new"),
  ];
  (await enter(place("early")))?.[Symbol.dispose]();
  const all = places.map(async (who) => (await enter(who))?.[Symbol.dispose]());
  assert.equal(turns.held, 5);
  turns.open();
  await Promise.all(all);
  assert.deepEqual(begun, ["early", "a", "b", "c", "lost", "new"]);
  assert.equal(turns.held, 0);
});

test("Turns forgets who is not wanted in line any more", async () => {
  const turns = new Turns();
  turns.open();
  const begun: string[] = [];
  const enter = standing(turns, begun);
  const running = await enter(place("running"));
  const gone = new AbortController();
  const suspect = enter(place("suspect", { suspect: true }), gone.signal);
  gone.abort();
  assert.equal(await suspect, undefined);
  assert.equal(await enter(place("late", { suspect: true }), gone.signal), undefined);
  running?.[Symbol.dispose]();
  assert.equal((await enter(place("next")))?.alone, false);
});
