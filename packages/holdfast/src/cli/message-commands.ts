// `signal`, `query`, `update`, `cancel`, `terminate`, `resolve`: messages to a run in the running process.

import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { HoldfastError } from "@holdfast/core";
import { say, sayJson } from "./print.ts";
import { type Common, connect, parseJson, pathOf } from "./running.ts";

export interface ResolveOptions extends Common {
  readonly reason: string;
  readonly output?: string;
  readonly actor?: string;
}

export async function signalCommand(
  id: string,
  signal: string,
  payload: string | undefined,
  options: Common,
): Promise<void> {
  const parsed = parseJson(payload, "the payload");
  await connect(options).post(`${pathOf(id)}/signal`, {
    signal,
    requestId: randomUUID(),
    ...(parsed === undefined ? {} : { payload: parsed }),
  });
  say(`Delivered ${signal} to ${id}.`);
}

export async function queryCommand(id: string, query: string, options: Common): Promise<void> {
  sayJson((await connect(options).post(`${pathOf(id)}/query`, { query }))["answer"]);
}

export async function updateCommand(
  id: string,
  update: string,
  input: string | undefined,
  options: Common,
): Promise<void> {
  const parsed = parseJson(input, "the input");
  const { answer } = await connect(options).post(`${pathOf(id)}/update`, {
    update,
    requestId: randomUUID(),
    ...(parsed === undefined ? {} : { input: parsed }),
  });
  sayJson(answer);
}

export async function terminateCommand(
  id: string,
  options: Common & { readonly reason: string },
): Promise<void> {
  await connect(options).post(`${pathOf(id)}/terminate`, { reason: options.reason });
  say(`Terminated ${id}.`);
}

export async function cancelCommand(
  id: string,
  options: Common & { readonly reason?: string },
): Promise<void> {
  await connect(options).post(`${pathOf(id)}/cancel`, {
    requestId: randomUUID(),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  });
  say(`Asked ${id} to cancel.`);
}

export async function resolveCommand(
  id: string,
  key: string,
  resolution: string,
  options: ResolveOptions,
): Promise<void> {
  if (!["done", "not-done", "resend"].includes(resolution)) {
    throw new HoldfastError(
      "HF-RESOLUTION-INVALID",
      `Cannot resolve an effect as "${resolution}": say done (with --output), not-done, or resend.`,
      { class: "data" },
    );
  }
  const output = parseJson(options.output, "the receipt");
  await connect(options).post(`${pathOf(id)}/resolve`, {
    key,
    resolution,
    reason: options.reason,
    actor: options.actor ?? userInfo().username,
    requestId: randomUUID(),
    ...(output === undefined ? {} : { output }),
  });
  say(`Resolved ${key} of ${id}: ${resolution}.`);
}
