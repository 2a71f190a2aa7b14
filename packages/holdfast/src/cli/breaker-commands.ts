// `breakers`: shows the breakers of venues, and says a person's word on one.

import { userInfo } from "node:os";
import type { BreakerState, BreakerWish } from "@holdfast/core";
import { clean } from "../terminal/text.ts";
import { say, sayJson, table } from "./print.ts";
import { type Common, connect, connectToLook } from "./running.ts";

export interface ForceOptions extends Common {
  readonly reason: string;
  readonly actor?: string;
}

export async function breakersCommand({ state, json = false }: Common): Promise<void> {
  const control = await connectToLook({ state });
  const page = (await control.get("/api/breakers")) as unknown as {
    readonly breakers: readonly BreakerState[];
  };
  if (json) {
    sayJson(page);
    return;
  }
  if (page.breakers.length === 0) {
    say("No breakers: no activity uses a venue, or nothing was sent yet.");
    return;
  }
  const rows = page.breakers.map((breaker) => [
    clean(breaker.name),
    breaker.forced === undefined ? breaker.mode : `${breaker.mode} (held)`,
    String(breaker.failures),
    breaker.mode === "closed" && breaker.forced === undefined ? "" : timeOf(breaker.changedAt),
    breaker.openUntil === undefined ? "" : timeOf(breaker.openUntil),
    clean(whyOf(breaker)),
  ]);
  say(table(["breaker", "mode", "failures", "since", "until", "why"], rows));
}

export async function forceCommand(
  wish: BreakerWish,
  name: string,
  { state, json = false, reason, actor = userInfo().username }: ForceOptions,
): Promise<void> {
  const done = await connect({ state }).post("/api/breakers", { name, wish, reason, actor });
  if (json) sayJson(done);
  else say(clean(`${name}: ${SAID[wish]}.`));
}

const SAID: Readonly<Record<BreakerWish, string>> = {
  open: "held open, nothing more is sent",
  closed: "held closed, whatever fails",
  auto: "decides by itself again",
};

function whyOf({ forced, lastFailure }: BreakerState): string {
  if (forced !== undefined) return `${forced.actor}: ${forced.reason}`;
  return lastFailure === undefined ? "" : `${lastFailure.code}: ${lastFailure.message}`;
}

function timeOf(at: number): string {
  return new Date(at).toISOString().replace("T", " ").slice(0, 19);
}
