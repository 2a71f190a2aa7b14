// Tells somebody when runs wait for a person: once when they have become too many, and again only after they
// were fewer. What the hook throws is logged, and holds nothing up.

import { type DeadLetterPage, type Log, toFailure } from "@holdfast/core";
import type { Alerts } from "../config/config.ts";

/** What the engine is to tell of each change; undefined where nobody asked. */
export function deadLetterAlert(
  alerts: Alerts | undefined,
  log: Log,
): ((page: DeadLetterPage) => void) | undefined {
  const hook = alerts?.deadLetters;
  if (hook === undefined) return undefined;
  let told = false;
  const tell = async ({ total, letters }: DeadLetterPage): Promise<void> => {
    try {
      await hook.run({ total, letters });
    } catch (error) {
      const { code, message } = toFailure(error);
      log.error(`The alert on dead letters failed: ${message}`, { code });
    }
  };
  return (page) => {
    const isAbove = page.total > hook.above;
    if (isAbove && !told) void tell(page);
    told = isAbove;
  };
}
