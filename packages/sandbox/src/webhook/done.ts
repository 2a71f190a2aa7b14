// What is answered and told where a webhook was changed: no money moves.

import { micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import type { Done, Event } from "../command/outcome.ts";

export function done({ agent }: Pick<Context, "agent">, body: object, event: Event): Done {
  return { kind: "done", status: 200, body: { ...body }, agent, amount: micros(0n), event };
}
