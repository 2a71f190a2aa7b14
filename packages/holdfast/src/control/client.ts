// The CLI's side of the control API: finds the running process through the state folder.

import { HoldfastError } from "@holdfast/core";
import { stateFolder } from "../host/state-folder.ts";

export interface ControlClient {
  get(
    path: string,
    query?: Readonly<Record<string, string | undefined>>,
  ): Promise<Record<string, unknown>>;
  post(path: string, body: unknown): Promise<Record<string, unknown>>;
}

/** @throws HF-NOT-RUNNING */
export function connectControl(folder: string): ControlClient {
  const control = stateFolder(folder).readControl();
  if (control === undefined) throw notRunning(folder);
  const call = async (path: string, init: RequestInit): Promise<Record<string, unknown>> => {
    let response: Response;
    try {
      response = await fetch(`${control.url}${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${control.token}` },
      });
    } catch {
      throw notRunning(folder);
    }
    const body = (await response.json()) as Record<string, unknown>;
    if (response.ok) return body;
    throw new HoldfastError(
      String(body["code"] ?? "HF-CONTROL-FAILED"),
      String(body["detail"] ?? `The control API answered ${response.status}.`),
    );
  };
  return {
    get(path, query = {}) {
      const given = Object.entries(query).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      const search = given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
      return call(`${path}${search}`, { method: "GET" });
    },
    post: (path, body) =>
      call(path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
  };
}

function notRunning(folder: string): HoldfastError {
  return new HoldfastError(
    "HF-NOT-RUNNING",
    `Cannot find a running process for ${folder}: start one with "holdfast dev" or "holdfast serve".`,
    { class: "state" },
  );
}
