// `sandbox`: the paper venue alone, for agents written elsewhere.

import { usdc } from "@holdfast/core";
import { openSandbox } from "@holdfast/sandbox";
import { openStateFolder } from "../host/state-folder.ts";
import { stopSignal } from "./host-command.ts";
import { say } from "./print.ts";

export interface SandboxOptions {
  readonly state: string;
  readonly port: string;
  readonly controlPort: string;
  readonly grant?: string;
  readonly seed?: string;
  readonly for?: string;
}

export async function sandboxCommand(options: SandboxOptions): Promise<void> {
  const folder = openStateFolder(options.state);
  const sandbox = await openSandbox({
    path: folder.venue,
    port: Number(options.port),
    controlPort: Number(options.controlPort),
    ...(options.grant === undefined ? {} : { grant: usdc(options.grant) }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  });
  const stop = stopSignal(options.for);
  say(`paper venue ${sandbox.url} (${sandbox.instanceId}); state lies in ${folder.path}.`);
  say(`audit ${sandbox.auditUrl}`);
  say(
    `controls ${sandbox.controlUrl}/_sandbox/clock, /faults, /audit, /effects with the token of that address`,
  );
  say("Stop with Ctrl-C.");
  await new Promise<void>((resolve) => {
    stop.signal.addEventListener("abort", () => {
      resolve();
    });
  });
  await sandbox.close();
}
