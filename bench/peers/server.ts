// Servers that peers need: started on loopback with their data in a temporary folder, ended by their process
// id. Each file of `server` starts one kind.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { atExit } from "./at-exit.ts";

/** How long a server may take to be ready, and to end when asked. */
const READY_MS = 60_000;
const END_MS = 10_000;
const POLL_MS = 20;
const LOG_TAIL = 2_000;

/** The server is not installed; the message says how to install it. */
export class ServerMissing extends Error {}

export interface Server extends AsyncDisposable {
  /** "host:port" by the name of the service. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Its first processes; empty when somebody else runs it. */
  readonly pids: readonly number[];
}

/** Starts a server with its data in the folder. Throws ServerMissing. */
export type StartServer = (folder: string) => Promise<Server>;

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly addresses: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Who it runs as; default: this process's user. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Whether it is ready, given what it has logged. */
  readonly ready: (log: string) => boolean | Promise<boolean>;
}

/** Starts the program and waits until it is ready. */
export async function launch(options: Launch): Promise<Server> {
  const { command, args, folder, addresses, env = {}, user = {} } = options;
  const path = join(folder, "server.log");
  const log = openSync(path, "a");
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", log, log],
    ...user,
  });
  closeSync(log);
  const ended = once(child, "exit");
  const forget = atExit(() => child.kill("SIGKILL"));
  const end = async (): Promise<void> => {
    await endOf(child, ended);
    forget[Symbol.dispose]();
  };
  try {
    await readiness(child, options, () => readFileSync(path, "utf8"));
  } catch (error) {
    await end();
    throw error;
  }
  return { addresses, pids: [child.pid ?? 0], [Symbol.asyncDispose]: end };
}

async function readiness(child: ChildProcess, options: Launch, log: () => string): Promise<void> {
  const end = performance.now() + READY_MS;
  let failed: unknown;
  child.once("error", (error) => (failed = error));
  while (!(await options.ready(log()))) {
    const gone = child.exitCode !== null || child.signalCode !== null || failed !== undefined;
    if (gone || performance.now() > end) {
      const what = gone
        ? "ended before it was ready"
        : `was not ready within ${READY_MS / 1_000} s`;
      throw new Error(`${options.command} ${what}: ${log().slice(-LOG_TAIL)}`, { cause: failed });
    }
    await after(POLL_MS);
  }
}

/** Asks it to end, and makes it. */
async function endOf(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  const late = setTimeout(() => child.kill("SIGKILL"), END_MS);
  await ended;
  clearTimeout(late);
}

/** Whether an address answers to a plain request. */
export async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
