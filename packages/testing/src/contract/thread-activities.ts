// Activities that run in threads: a thread imports this module, which therefore does nothing but define.

import { type Activity, activity } from "@holdfast/core";
import { z } from "zod";

const thread = { isolate: "thread", module: import.meta.url } as const;

/** Steps of a loop that takes a few hundred milliseconds. */
const STEPS = 40_000_000;

export const crunch: Activity<number, number> = activity({
  ...thread,
  name: "contract.crunch",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: (seed) => {
    let sum = seed;
    for (let step = 0; step < STEPS; step += 1) sum = (sum * 31 + step) | 0;
    return sum;
  },
});

/** Loops without end at the first attempt. */
export const stubborn: Activity<number, number> = activity({
  ...thread,
  name: "contract.stubborn",
  input: z.number(),
  output: z.number(),
  effect: "none",
  timeouts: { attempt: "10s" },
  run: (input, a) => {
    while (a.attempt === 1);
    return input;
  },
});

/** Tells what it sees. Its schemas change what passes, so that it shows if they were applied twice. */
export const observer: Activity<number, Readonly<Record<string, unknown>>> = activity({
  ...thread,
  name: "contract.observer",
  input: z.number().transform((n) => n + 1),
  output: z.record(z.string(), z.unknown()).transform((seen) => ({ ...seen, parsed: true })),
  effect: "external",
  run: async (input, a) => {
    if (a.attempt === 1) {
      a.heartbeat({ half: true });
      throw new Error("again");
    }
    a.log.info("seen from a thread", { attempt: a.attempt });
    const { key, ref, attempt, account, lastHeartbeat } = a;
    const part = a.part("leg-2").key;
    return { input, key, ref, attempt, account, lastHeartbeat, part, aborted: a.signal.aborted };
  },
});

/** Waits for its abort, in vain but for that. */
export const patient: Activity<number, number> = activity({
  ...thread,
  name: "contract.thread-patient",
  input: z.number(),
  output: z.number(),
  effect: "external",
  run: (_input, a) =>
    new Promise((_resolve, reject) => {
      const stay = setInterval(() => undefined, 1_000);
      a.signal.addEventListener("abort", () => {
        clearInterval(stay);
        reject(a.signal.reason as Error);
      });
    }),
});

/** Does what cannot be done in a thread. */
export const outOfPlace: Activity<"use" | "later" | "token" | "exit", number> = activity({
  ...thread,
  name: "contract.out-of-place",
  input: z.enum(["use", "later", "token", "exit"]),
  output: z.number(),
  effect: "external",
  retry: { attempts: 1 },
  run: (what, a) => {
    if (what === "exit") process.exit(3);
    if (what === "later") return a.completeLater();
    if (what === "token") return a.token.length;
    return a.use({ kind: "resource", name: "contract.client", bind: () => 1 });
  },
});
