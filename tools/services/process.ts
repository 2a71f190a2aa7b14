// Starts a server as a child process, waits until it answers, and ends it by its own id.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Running } from "./service.ts";

/** How long a server may take until it answers, in milliseconds. */
const READY_MS = 60_000;
const ASK_AGAIN_MS = 50;
/** How long a server may take to end before it is killed, in milliseconds. */
const END_MS = 10_000;

export interface Server {
  readonly process: ChildProcess;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** A server that can be halted, and resumed by what started it. */
export async function resumable(
  start: () => Promise<Server>,
): Promise<Pick<Running, "ended" | "halt" | "resume"> & { stop(): Promise<void> }> {
  let server = await start();
  return {
    ended: server.ended,
    async halt(how) {
      if (how !== "SIGKILL") return server.stop();
      server.process.kill("SIGKILL");
      await server.ended;
    },
    async resume() {
      server = await start();
    },
    stop: () => server.stop(),
  };
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

export interface ServerOptions {
  /** Whom the process belongs to. Default: whoever starts it. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** Default "SIGTERM". */
  readonly endsOn?: NodeJS.Signals;
  /** Beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Address on which it listens. Default: loopback's usual one. */
  readonly host?: string;
}

/** Starts a program whose output goes to a file, and resolves when the port answers. */
export async function startServer(
  command: readonly [string, ...string[]],
  port: number,
  folder: string,
  { owner, endsOn = "SIGTERM", env = {}, host = "127.0.0.1" }: ServerOptions = {},
): Promise<Server> {
  const [program, ...args] = command;
  const path = join(folder, "server.log");
  const log = openSync(path, "a");
  // A group of its own: Ctrl-C reaches only us, and we end it in order.
  const child = spawn(program, args, {
    stdio: ["ignore", log, log],
    detached: true,
    env: { ...process.env, ...env },
    ...owner,
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => {
      resolve(error.message);
    });
    child.once("exit", (code, signal) => {
      resolve(`ended with ${signal ?? String(code)}`);
    });
  });
  const stop = async (): Promise<void> => {
    const kill = setTimeout(() => child.kill("SIGKILL"), END_MS);
    child.kill(endsOn);
    await ended;
    clearTimeout(kill);
  };
  let end: string | undefined;
  void ended.then((how) => (end = how));
  const until = performance.now() + READY_MS;
  while (!(await answers(port, host))) {
    if (end === undefined && performance.now() < until) {
      await pause(ASK_AGAIN_MS);
      continue;
    }
    await stop();
    const said = readFileSync(path, "utf8").trim().split("\n").slice(-20).join("\n");
    throw new Error(`Cannot start ${program}: ${end ?? "it does not answer"}.\n${said}`);
  }
  return { process: child, ended, stop };
}

async function answers(port: number, host: string): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
