// Driving virtual time, with engines and a venue that do something unexpected on the way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drive } from "./drive.ts";
import { VIRTUAL_START, VirtualClock } from "./virtual-clock.ts";

test("drive() never sets a clock back that went further while the venue's time was moved", async () => {
  const clock = new VirtualClock();
  const ended = Promise.withResolvers<void>();
  const engine = { busy: false, inFlight: 0, idle: async () => undefined };
  const away = VIRTUAL_START + 3_600_000;
  const instants: number[] = [];
  clock.setTimer(VIRTUAL_START + 1_000, () => undefined);
  clock.setTimer(away + 1_000, () => {
    ended.resolve();
  });
  await drive(ended.promise, {
    clock,
    engines: () => [engine],
    venue: {
      held: async () => [],
      // What the venue lets go makes the engine die, and it stays away for an hour.
      advanceTo: async () => {
        if (clock.now() < away) clock.advanceTo(away);
      },
    },
    onJump: () => {
      instants.push(clock.now());
    },
  });
  assert.deepEqual(instants, [VIRTUAL_START, away]);
});
