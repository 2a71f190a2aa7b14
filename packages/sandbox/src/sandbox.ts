// The paper venue as a server: two listeners on loopback, one for its API and one for its own controls. It owns
// its state file until it is closed.

import { randomBytes } from "node:crypto";
import { Faults } from "./fault/faults.ts";
import type { FaultRuleInput } from "./fault/rule.ts";
import { createApi } from "./http/api.ts";
import { createControl } from "./http/control.ts";
import { type Handler, type Listener, listen } from "./http/listen.ts";
import { StreamHub, type StreamOptions } from "./stream/hub.ts";
import { streamUpgrade } from "./stream/upgrade.ts";
import { type Venue, type VenueOptions, createVenue } from "./venue.ts";

export interface SandboxOptions extends VenueOptions {
  /** Port of the API; 0 takes a free one. Default 0. */
  readonly port?: number;
  /** Port of the controls; 0 takes a free one. Default 0. */
  readonly controlPort?: number;
  /** Token of the controls. Default: random. */
  readonly controlToken?: string;
  /** Faults from the start. They live in memory: a venue that restarts has those of its options only. */
  readonly faults?: readonly FaultRuleInput[];
  /** Seed of the faults' chances. Default "faults". */
  readonly faultSeed?: string;
  /** Pace of the stream's ticks, and its limits. */
  readonly stream?: StreamOptions;
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
  /** The venue itself, in process. */
  readonly venue: Venue;
  readonly faults: Faults;
  /** The event stream: who listens, and what may go wrong on the way. */
  readonly stream: StreamHub;
  /** Cuts every connection and frees ports and state file. What is held is not carried out. */
  close(): Promise<void>;
}

/**
 * Opens the paper venue on loopback.
 *
 * @throws HF-PORT-IN-USE, HF-PORT-UNUSABLE; HF-VENUE-STATE-LOCKED, HF-VENUE-STATE-NEWER,
 *   HF-VENUE-STATE-OLDER, HF-VENUE-STATE-FOREIGN, HF-VENUE-STATE-UNUSABLE; HF-VENUE-SCRIPT-INVALID,
 *   HF-VENUE-REPLAY-INVALID
 * @example
 * await using sandbox = await openSandbox({ path: ":memory:" });
 * await fetch(`${sandbox.url}/api/status`);
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const faults = new Faults(options.faultSeed ?? "faults", options.faults);
  const token = options.controlToken ?? randomBytes(18).toString("base64url");
  const venue = createVenue(options);
  const stream = new StreamHub(venue, options.stream);
  const listeners: Listener[] = [];
  let closing: Promise<void> | undefined;

  const closeAll = async (): Promise<void> => {
    venue.clock.close();
    stream.end();
    await Promise.all(listeners.map((listener) => listener.close()));
    venue[Symbol.dispose]();
  };
  const close = (): Promise<void> => (closing ??= closeAll());

  try {
    const api = createApi(venue, faults).fetch as Handler;
    const control = createControl(venue, faults, token).fetch as Handler;
    const apiListener = await listen(api, options.port ?? 0, streamUpgrade(venue, stream));
    listeners.push(apiListener);
    const controlListener = await listen(control, options.controlPort ?? 0);
    listeners.push(controlListener);
    const controlUrl = controlListener.url;
    return {
      url: apiListener.url,
      controlUrl,
      controlToken: token,
      auditUrl: `${controlUrl}/_sandbox/audit?token=${encodeURIComponent(token)}`,
      instanceId: venue.instanceId,
      venue,
      faults,
      stream,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
