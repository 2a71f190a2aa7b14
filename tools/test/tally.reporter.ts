// A reporter for `node --test` that counts: it writes one JSON document when all tests have run. Beside tests
// it counts a suite that was skipped whole or whose hook failed, which the runner's own summary leaves out.

import type { TestEvent } from "node:test/reporters";
import { NOTHING, type Tally } from "./tally.ts";

export default async function* tally(events: AsyncIterable<TestEvent>): AsyncIterable<string> {
  let count: Tally = NOTHING;
  for await (const event of events) {
    if (event.type === "test:pass" || event.type === "test:fail") count = addTest(count, event);
  }
  yield JSON.stringify(count);
}

type Ended = Extract<TestEvent, { type: "test:pass" | "test:fail" }>;

export function addTest(count: Tally, event: Ended): Tally {
  const { name, skip, todo, details } = event.data;
  // An empty reason is still a skip, as is a test that is still to be written.
  const reason = skip ?? todo;
  if (reason !== undefined && reason !== false) {
    const why = typeof reason === "string" && reason !== "" ? reason : "no reason given";
    const skips = [...count.skips, { test: name, reason: why }];
    return { ...count, skipped: count.skipped + 1, skips };
  }
  if (event.type === "test:fail") {
    const own = details.type !== "suite" || !isFailedBelow(event.data.details.error);
    return own ? { ...count, failed: count.failed + 1 } : count;
  }
  // A file in which no test ran is reported as a test that passed. It proves nothing.
  const isFile = event.data.file?.endsWith(name) === true && /\.test\.\w+$/.test(name);
  return isFile || details.type === "suite" ? count : { ...count, passed: count.passed + 1 };
}

/** Whether a test or suite failed only because something inside it did, which is reported by itself. */
export const isFailedBelow = (error: Error): boolean =>
  "failureType" in error && error.failureType === "subtestsFailed";
