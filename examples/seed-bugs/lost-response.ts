// The answer to a write is lost after the venue has carried it out: what two guides' retries make of it.
//
// One repeats without a key whatever went wrong: each repetition is another order. The other has a key, but its
// list of answers that must not be repeated lacks 409: where the venue says "this was done already" so, the order
// that stands is reported as failed, and lies among the dead letters for somebody to place it again. The client of
// Holdfast sends the same key and takes the first answer for what it is.
//
// Run it: node examples/seed-bugs/lost-response.ts

import { createHash } from "node:crypto";
import { workflow } from "holdfast";
import { executeTrade } from "holdfast/purpleflea";
import { type TestProject, testProject } from "holdfast/testing";
import { z } from "zod";
import { type RawAnswer, post } from "./raw-request.ts";

const venue = {
  scripts: [{ symbol: "BTC-PERP", points: [{ at: 1_767_603_600_000, price: "60000" }] }],
};
const ORDER = { pair: "BTC-PERP", direction: "long", size_usdc: 50, leverage: 3 } as const;

export interface Outcome {
  /** How often it was sent. */
  readonly sent: number;
  /** Positions that were opened, for one decision. */
  readonly opened: number;
  readonly duplicateEffects: number;
  /** What the caller is told in the end. */
  readonly told: "done" | "failed";
}

/** Sends, and repeats after 2^n seconds whatever is wrong, up to a number of repetitions: no key. */
async function keylessRetry(t: TestProject, repetitions: number): Promise<boolean> {
  for (let attempt = 0; attempt <= repetitions; attempt += 1) {
    try {
      const { status } = await post(t, "/api/trade/open", { ...ORDER, ref: "buy/1" });
      if (status < 400) return true;
    } catch {
      // Lost: repeated like everything else.
    }
    await t.advance(`${2 ** attempt}s`);
  }
  return false;
}

/** Answers that are not repeated, as the guide lists them. */
const NOT_REPEATED: ReadonlySet<number> = new Set([400, 401, 403, 404, 422]);

/** Sends with a key made of the order, four times at most; what is not a success by then is a dead letter. */
async function listedRetry(
  t: TestProject,
  send: (key: string) => Promise<RawAnswer>,
): Promise<boolean> {
  const key = createHash("sha256").update(JSON.stringify(ORDER)).digest("hex").slice(0, 16);
  for (let attempt = 0; attempt < 4; attempt += 1) {
    try {
      const { status } = await send(key);
      if (status < 400) return true;
      if (NOT_REPEATED.has(status)) return false;
    } catch {
      // Lost: repeated.
    }
    await t.advance(`${2 * 2 ** attempt}s`);
  }
  return false;
}

/** The first answer is lost after the commit. */
async function withLostAnswer(act: (t: TestProject) => Promise<boolean>): Promise<Outcome> {
  await using t = await testProject({ definitions: [buyer], venue });
  t.venue.faults.add({ kind: "drop", operations: ["open"], when: "after", count: 1 });
  const told = (await act(t)) ? "done" : "failed";
  const effects = await t.venue.effects();
  const { replays, duplicateEffects } = await t.venue.audit();
  const opened = effects.filter(({ operation }) => operation === "open").length;
  return { sent: opened + replays, opened, duplicateEffects, told };
}

/** The task of one guide: three repetitions, no key. */
export function withoutKey(): Promise<Outcome> {
  return withLostAnswer((t) => keylessRetry(t, 3));
}

/** The executor of another, where a repetition is answered 409 with the original result. */
export function with409AsError(): Promise<Outcome> {
  return withLostAnswer((t) =>
    listedRetry(t, (key) =>
      post(t, "/api/trade/open", { ...ORDER, idempotency_key: key, ref: "buy/1" }),
    ),
  );
}

/** The same executor with its own header, which the paper venue answers with the original status. */
export function withHeader(): Promise<Outcome> {
  return withLostAnswer((t) =>
    listedRetry(t, (key) =>
      post(t, "/api/trade/open", { ...ORDER, ref: "buy/1" }, { "idempotency-key": key }),
    ),
  );
}

export const buyer = workflow({
  name: "example.lostResponse",
  input: z.void(),
  output: z.object({ positionId: z.string() }),
  run: async (ctx) => {
    const order = { symbol: "BTC-PERP", side: "long", sizeUsd: "50.00", leverage: 3 } as const;
    const { positionId } = await ctx.call(executeTrade, order, { ref: "buy/1" });
    return { positionId };
  },
});

export function asHoldfast(): Promise<Outcome> {
  return withLostAnswer(async (t) => {
    const run = await t.client.start(buyer, undefined, { id: "buyer" });
    return (await t.runUntilClosed(run)).positionId !== "";
  });
}

if (import.meta.main) {
  console.table({
    "repeated without a key": await withoutKey(),
    "409 taken for a failure": await with409AsError(),
    "key in the header": await withHeader(),
    Holdfast: await asHoldfast(),
  });
}
