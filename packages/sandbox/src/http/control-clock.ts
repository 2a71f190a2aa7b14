// Controls of the clock: what it shows, its mode, and moving it by hand.

import type { Context as Call, Hono } from "hono";
import { z } from "zod";
import { CLOCK_RATE_MAX, CLOCK_RATE_MIN, INSTANT_MAX } from "../clock/clock.ts";
import type { Venue } from "../venue.ts";
import { parseBody } from "./body.ts";
import { readFields } from "./control-form.ts";
import { ProblemError, json } from "./problem.ts";

/** Longest wait for held answers, in real milliseconds. */
export const HELD_WAIT_MS_MAX = 10_000;

const Instant = z.number().int().min(0).max(INSTANT_MAX);
const Rate = z.number().min(CLOCK_RATE_MIN).max(CLOCK_RATE_MAX);
const ClockRequest = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.enum(["real", "frozen"]), now: Instant.optional() }),
  z.strictObject({ mode: z.literal("scaled"), now: Instant.optional(), rate: Rate }),
]);
const AdvanceRequest = z.union([z.strictObject({ to: Instant }), z.strictObject({ by: Instant })]);
const WholeNumber = z.coerce.number().int().min(0);

const HeldQuery = z.object({
  count: WholeNumber.default(0),
  wait: WholeNumber.transform((wait) => Math.min(wait, HELD_WAIT_MS_MAX)).default(0),
});

/** Answers a form with a page, and anything else with the value. */
export type Answered = (
  call: Call,
  work: () => Promise<object>,
  status?: number,
) => Promise<Response>;

export function clockRoutes(app: Hono, venue: Venue, answered: Answered): void {
  const { clock } = venue;
  app.get("/_sandbox/clock", () => json(200, shownClock(venue)));
  app.post("/_sandbox/clock", (c) =>
    answered(c, async () => {
      const wanted = parseBody(ClockRequest, await readFields(c.req.raw));
      const rate = wanted.mode === "scaled" ? wanted.rate : undefined;
      if (!venue.setClock(wanted.mode, wanted.now, rate)) throw backwards();
      return shownClock(venue);
    }),
  );
  app.post("/_sandbox/clock/advance", (c) =>
    answered(c, async () => {
      const wanted = parseBody(AdvanceRequest, await readFields(c.req.raw));
      if (clock.mode !== "frozen") {
        throw new ProblemError("clock_not_frozen", "Freeze the clock before advancing it.");
      }
      const to = Math.min("to" in wanted ? wanted.to : clock.now() + wanted.by, INSTANT_MAX);
      if (to < clock.now()) throw backwards();
      const advanced = await venue.advance(to);
      return { ...shownClock(venue), ...advanced };
    }),
  );
  app.get("/_sandbox/clock/held", async (c) => {
    const { count, wait } = parseBody(HeldQuery, c.req.query());
    await clock.waitForHeld(count, wait);
    return json(200, { now: clock.now(), held: clock.held(), due: clock.dueInstants() });
  });
}

export function shownClock({ clock }: Venue): { mode: string; now: number; rate: number } {
  return { mode: clock.mode, now: clock.now(), rate: clock.rate };
}

function backwards(): ProblemError {
  return new ProblemError("clock_backwards", "The venue's clock never runs back.");
}
