// `start`: starts a run in the running process.

import { randomUUID } from "node:crypto";
import { say, sayJson } from "./print.ts";
import { type Common, connect, parseJson } from "./running.ts";

export interface StartCommandOptions extends Common {
  readonly id?: string;
  readonly account?: string;
  readonly onOpen?: string;
  readonly onClosed?: string;
  readonly effects?: string;
}

export async function startCommand(
  workflow: string,
  input: string | undefined,
  { state, json, ...start }: StartCommandOptions,
): Promise<void> {
  const parsed = parseJson(input, "the input");
  const started = await connect({ state }).post("/api/runs", {
    ...start,
    workflow,
    requestId: randomUUID(),
    ...(parsed === undefined ? {} : { input: parsed }),
  });
  const id = String(started["id"]);
  if (json === true) sayJson(started);
  else if (started["created"] === true) say(`Started run ${id}.`);
  else say(`Run ${id} exists already; attached to it.`);
}
