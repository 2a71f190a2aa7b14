// `sandbox`: the paper venue alone, for agents written elsewhere.

import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { usdc } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { openSandbox } from "@holdfast/sandbox";
import { openStateFolder } from "../host/state-folder.ts";
import { say } from "./print.ts";
import { aborted, onStop } from "./stop.ts";

export interface SandboxCommandOptions {
  readonly state: string;
  readonly port?: number;
  readonly auditPort?: number;
  readonly grant?: string;
  readonly seed?: string;
  readonly strict?: boolean;
  readonly rateLimits: boolean;
  readonly cors: readonly string[];
  readonly acceptLiveKeys?: boolean;
  readonly for?: string;
}

const PORT = 4_100;
const CONTROL_PORT = 4_101;

export async function sandboxCommand(options: SandboxCommandOptions): Promise<void> {
  using stop = onStop({
    clock: systemClock,
    duration: options.for,
    force: () => process.exit(130),
  });
  const folder = openStateFolder(resolve(options.state));
  const kept = folder.readPorts();
  await using sandbox = await openSandbox({
    path: folder.venue,
    port: options.port ?? kept?.venue ?? PORT,
    controlPort: options.auditPort ?? kept?.venueControl ?? CONTROL_PORT,
    controlToken: kept?.venueToken ?? randomBytes(18).toString("base64url"),
    ...(options.grant === undefined ? {} : { grant: usdc(options.grant) }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    strict: options.strict === true,
    rateLimits: options.rateLimits,
    cors: options.cors,
    acceptLiveKeys: options.acceptLiveKeys === true,
    warn: say,
  });
  folder.writePorts({
    venue: Number(new URL(sandbox.url).port),
    venueControl: Number(new URL(sandbox.controlUrl).port),
    venueToken: sandbox.controlToken,
  });
  say(`paper venue ${sandbox.url} (${sandbox.instanceId}); state lies in ${folder.path}.`);
  say(`audit ${sandbox.auditUrl}`);
  say(`clock, faults and effects: ${sandbox.controlUrl}/_sandbox/…, with the same token.`);
  say(`In a configuration: venue: remote({ baseUrl: "${sandbox.url}" })`);
  say("Stop with Ctrl-C; the same command goes on where it was.");
  await aborted(stop.signal);
  say("Stopped. Everything answered is on disk.");
}
