// The paper venue as a server: two listeners on loopback, one for its API and one for its own controls.

import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { HoldfastError } from "@holdfast/core";
import { Faults, type FaultRuleInput } from "./fault/faults.ts";
import { createApi } from "./http/api.ts";
import { createControl } from "./http/control.ts";
import { Venue, type VenueOptions } from "./venue.ts";

export interface SandboxOptions extends VenueOptions {
  /** Port of the API; 0 takes a free one. Default 0. */
  readonly port?: number;
  /** Port of the controls; 0 takes a free one. Default 0. */
  readonly controlPort?: number;
  /** Token of the controls. Default: random. */
  readonly controlToken?: string;
  readonly faults?: readonly FaultRuleInput[];
  /** Seed of the faults. Default "faults". */
  readonly faultSeed?: string;
}

export interface Sandbox extends AsyncDisposable {
  /** Base of the API: "http://127.0.0.1:4100". */
  readonly url: string;
  /** Base of the controls. */
  readonly controlUrl: string;
  readonly controlToken: string;
  /** The audit, with its token: it guards play money, so it may be printed. */
  readonly auditUrl: string;
  readonly instanceId: string;
  readonly venue: Venue;
  readonly faults: Faults;
  close(): Promise<void>;
}

/**
 * Opens the paper venue on loopback.
 *
 * @throws HF-PORT-IN-USE; HF-VENUE-STATE-LOCKED, HF-VENUE-STATE-NEWER, HF-VENUE-STATE-UNUSABLE
 * @example
 * await using sandbox = await openSandbox({ path: ":memory:" });
 * await fetch(`${sandbox.url}/api/status`);
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const venue = new Venue(options);
  const servers: Server[] = [];
  try {
    const faults = new Faults(options.faultSeed ?? "faults", options.faults);
    const token = options.controlToken ?? randomBytes(18).toString("base64url");
    const url = await listen(servers, createApi(venue, faults).fetch as Handler, options.port ?? 0);
    const controlUrl = await listen(servers, createControl(venue, faults, token).fetch as Handler, options.controlPort ?? 0);
    const close = async (): Promise<void> => {
      venue.clock.close();
      await Promise.all(servers.map(stop));
      venue[Symbol.dispose]();
    };
    return {
      url,
      controlUrl,
      controlToken: token,
      auditUrl: `${controlUrl}/_sandbox/audit?token=${token}`,
      instanceId: venue.instanceId,
      venue,
      faults,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await Promise.all(servers.map(stop));
    venue[Symbol.dispose]();
    throw error;
  }
}

type Handler = Parameters<typeof getRequestListener>[0];

async function listen(servers: Server[], handler: Handler, port: number): Promise<string> {
  const server = createServer(getRequestListener(handler));
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? portInUse(port) : error);
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

function portInUse(port: number): HoldfastError {
  return new HoldfastError(
    "HF-PORT-IN-USE",
    `Cannot listen on port ${port}: another program does. Choose another port, or stop that program.`,
    { class: "resource", details: { port } },
  );
}
