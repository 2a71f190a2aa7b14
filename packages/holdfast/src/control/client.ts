// The commands' side of the control API: finds the running process through the state folder. The token is
// read there and sent nowhere else.

import { HoldfastError } from "@holdfast/core";
import { z } from "zod";
import { type ControlFile, stateFolder } from "../host/state-folder.ts";

export interface ControlClient {
  get(
    path: string,
    query?: Readonly<Record<string, string | undefined>>,
  ): Promise<Record<string, unknown>>;
  /** @param timeoutMs how long an answer is waited for; default: as long as the connection lasts */
  post(path: string, body: unknown, timeoutMs?: number): Promise<Record<string, unknown>>;
}

const Answer = z.record(z.string(), z.unknown());
const Problem = z.object({ code: z.string(), detail: z.string() });

/** @throws HF-NOT-RUNNING; later what the control API answers */
export function connectControl(folder: string): ControlClient {
  const control = stateFolder(folder).readControl();
  // After a kill -9 the file is still there, and its port may be another program's by now.
  if (control === undefined || !isAlive(control.pid)) throw notRunning(folder);
  return {
    get: (path, query) => send(control, folder, withQuery(path, query), {}),
    post: (path, body, timeoutMs) =>
      send(control, folder, path, { body: JSON.stringify(body), timeoutMs }),
  };
}

export function withQuery(path: string, query: Parameters<ControlClient["get"]>[1] = {}): string {
  const given = Object.entries(query).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

/** @throws what the answer is, where it is a problem */
export async function answerOf(response: Response): Promise<Record<string, unknown>> {
  const answer = Answer.safeParse(await response.json().catch(() => undefined));
  if (response.ok && answer.success) return answer.data;
  const problem = Problem.safeParse(answer.data);
  if (problem.success) throw new HoldfastError(problem.data.code, problem.data.detail);
  throw new HoldfastError("HF-CONTROL-FAILED", `The control API answered ${response.status}.`);
}

async function send(
  { url, token, pid }: ControlFile,
  folder: string,
  path: string,
  { body, timeoutMs }: { readonly body?: string; readonly timeoutMs?: number | undefined },
): Promise<Record<string, unknown>> {
  const authorization = `Bearer ${token}`;
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, {
      redirect: "error",
      ...(timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
      ...(body === undefined
        ? { headers: { authorization } }
        : { method: "POST", body, headers: { authorization, "content-type": "application/json" } }),
    });
  } catch (error) {
    if ((error as Error).name === "TimeoutError") throw silent(pid, timeoutMs ?? 0);
    throw notRunning(folder);
  }
  return answerOf(response);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A process that has the journal and does not answer. */
export function silent(pid: number, waitedMs: number): HoldfastError {
  return new HoldfastError(
    "HF-CONTROL-SILENT",
    `Cannot reach the process with pid ${pid}: it runs, and has not answered within ${waitedMs} ms; whether it has done what was asked is not known. End it (kill -9 ${pid}) and say it again: a halt needs no process then.`,
    { class: "state", disposition: "retry" },
  );
}

export function notRunning(folder: string): HoldfastError {
  return new HoldfastError(
    "HF-NOT-RUNNING",
    `Cannot find a running process for ${folder}: start one with "holdfast dev" or "holdfast serve", or name its state folder with --state.`,
    { class: "state" },
  );
}
