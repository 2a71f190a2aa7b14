// A call as the history of its run has it: found by the owner of its intent.

import { type StoredIntent, decode } from "@holdfast/core";
import type { Decided } from "../worker/orphans.ts";
import { type CallEnvelope, ENVELOPE_HEADER } from "../workflow/protocol.ts";
import type { Client } from "./part.ts";
import { eventsOf } from "./reset.ts";
import { CODES, codeOf } from "./server.ts";
import { firstText, textOf } from "./wire.ts";

/** Undefined where the server has forgotten the run. */
export async function decided(
  client: Client,
  { run, owner }: StoredIntent,
): Promise<Decided | undefined> {
  const [activityId, runId] = owner.split("/").toReversed();
  try {
    for (const event of await eventsOf(client, run, runId)) {
      const scheduled = event.activityTaskScheduledEventAttributes;
      if (scheduled?.activityId !== activityId) continue;
      const header = JSON.parse(textOf(scheduled?.header?.fields?.[ENVELOPE_HEADER])) as string;
      return { input: firstText(scheduled?.input), envelope: decode(header) as CallEnvelope };
    }
    return undefined;
  } catch (error) {
    if (codeOf(error) === CODES.NOT_FOUND) return undefined;
    throw error;
  }
}
