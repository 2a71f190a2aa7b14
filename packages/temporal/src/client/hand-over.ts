// What a run hands to another one: parsed by the receiver's schema, on the worker, before it leaves.

import { type Encoded, decode, encodePayload, parseWith } from "@holdfast/core";
import type { HandOver } from "../workflow/protocol.ts";
import { findAt, isOpen, statusOf } from "./look.ts";
import type { Client } from "./part.ts";
import { undeclared } from "./send.ts";
import { runClosed, runUnknown } from "./server.ts";

/**
 * The value as the receiver gets it; undefined where there is none.
 *
 * @throws HF-INPUT-INVALID, HF-WORKFLOW-UNKNOWN, HF-RUN-UNKNOWN, HF-RUN-CLOSED, HF-MESSAGE-UNKNOWN
 */
export async function handOver(client: Client, given: HandOver): Promise<Encoded | undefined> {
  if (given.kind === "child") {
    const { name, input } = client.workflow(given.workflow);
    const what = `the input of workflow ${name}`;
    return encodePayload(parseWith(input, decode(given.input), what), what);
  }
  const { to } = given;
  const info = (await findAt(client.server, to))?.workflowExecutionInfo;
  if (info === undefined || info === null) throw runUnknown(to, "send to");
  if (!isOpen(info)) throw runClosed(to, "send to", statusOf(info));
  if (given.kind === "cancel") return undefined;
  const { signals } = client.workflow(info.type?.name ?? "");
  const schema = Object.hasOwn(signals, given.name) ? signals[given.name] : undefined;
  if (schema === undefined) throw undeclared("signal", given.name, to, Object.keys(signals));
  const what = `signal ${given.name}`;
  return encodePayload(parseWith(schema, decode(given.payload), what), what);
}
