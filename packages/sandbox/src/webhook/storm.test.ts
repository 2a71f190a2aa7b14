// Deposits, receivers that fail in every way, and a venue that is closed and opened again at any moment: each
// event that is asked for arrives at least once, always as the same bytes, and is worked on once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createChance } from "../fixture/chance.ts";
import { type Hooked, hookedOf, openHooked } from "../fixture/hooked.ts";
import { START, testFolder } from "../fixture/kit.ts";
import { type Answering, guideReceiver, openReceiver } from "../fixture/receiver.ts";
import { createVenue } from "../venue.ts";

const STEPS = 120;

for (const seed of ["storm-1", "storm-2", "storm-3"]) {
  test(`nothing is lost and nothing worked on twice in ${seed}`, async () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const chance = createChance(seed);
    let secret = "";
    const guide = guideReceiver(() => secret);
    const bodies = new Map<string, string>();
    let calm = false;
    const answering: Answering = (received) => {
      const body = received.body.toString("utf8");
      assert.equal(bodies.get(received.event.eventId) ?? body, body);
      bodies.set(received.event.eventId, body);
      const luck = calm ? 9 : chance.whole(10);
      if (luck === 0) return "silence";
      if (luck === 1) return { status: 302, headers: { location: "http://127.0.0.1:9/" } };
      // Worked on, and the answer is an error all the same.
      const reply = guide.answering(received);
      return luck < 5 ? { status: 500 } : reply;
    };
    await using receiver = await openReceiver(answering);
    const webhooks = { timeoutMs: 20 };
    let hooked: Hooked = openHooked(webhooks, { path });
    const { agent } = hooked;
    const hook = hooked.hook(receiver.url, ["wallet.*"]);
    ({ secret } = hook);
    let now = START;
    for (let step = 0; step < STEPS; step += 1) {
      const what = chance.whole(10);
      if (what < 5) hooked.deposit(chance.magnitude(8));
      else if (what < 9) await hooked.venue.advanceTo((now += chance.whole(400_000)));
      else {
        // In the midst of sending, as often as not.
        const advancing =
          chance.whole(2) === 0 ? hooked.venue.advanceTo((now += 60_000)) : undefined;
        const seen = receiver.received.length;
        if (advancing !== undefined) await Promise.race([receiver.count(seen + 1), advancing]);
        hooked.venue[Symbol.dispose]();
        await advancing?.catch(() => undefined);
        const clock = { mode: "frozen", now } as const;
        hooked = hookedOf(createVenue({ path, clock, webhooks, verify: true }), agent);
      }
    }
    calm = true;
    await hooked.venue.advanceTo(now + 80 * 3_600_000);
    const wanted = hooked.events().filter(({ type }) => type.startsWith("wallet."));
    // The grant's was told before the endpoint was there.
    const asked = wanted.slice(1).map(({ eventId }) => eventId);
    assert.ok(asked.length > STEPS / 2);
    assert.deepEqual(guide.processed.map(({ eventId }) => eventId).toSorted(), asked);
    assert.ok(hooked.deliveries(hook.id).every(({ state }) => state === "delivered"));
    hooked.venue.assertInvariants();
    hooked.venue[Symbol.dispose]();
  });
}
