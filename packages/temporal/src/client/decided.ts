// A call as the history of its run has it, and how that run ended: found by the owner of its intent.

import { type Failure, type StoredIntent, decode } from "@holdfast/core";
import type { Decided } from "../worker/orphans.ts";
import { type CallEnvelope, ENVELOPE_HEADER } from "../workflow/protocol.ts";
import { findAt, isOpen, statusOf } from "./look.ts";
import type { Client } from "./part.ts";
import { eventsOf } from "./reset.ts";
import { terminated } from "./send.ts";
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
    const code = codeOf(error);
    // One that began at another engine has an id that is not of the server's kind.
    if (code === CODES.NOT_FOUND || code === CODES.INVALID) return undefined;
    throw error;
  }
}

/**
 * How the execution that asked for an effect ended without our doing; undefined where it or another one of its run
 * is open, and where the server knows nothing of it.
 */
export async function endOf(
  client: Client,
  { run, owner }: StoredIntent,
): Promise<Failure | undefined> {
  const [, runId] = owner.split("/").toReversed();
  const own = (await findAt(client.server, run, runId))?.workflowExecutionInfo;
  if (own === undefined || own === null || isOpen(own)) return undefined;
  const latest = (await findAt(client.server, run))?.workflowExecutionInfo;
  if (isOpen(latest)) return undefined;
  return terminated(run, `it is ${statusOf(own)} at the server`);
}
