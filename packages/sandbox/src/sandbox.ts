// The paper venue as a server: two listeners on loopback, one for its API and one for its own controls. It owns
// its state file until it is closed.

import { randomBytes } from "node:crypto";
import { emitWarning } from "node:process";
import { LIVE_KEYS_WARNING } from "./agent/live-key.ts";
import { type DialectName, openFront } from "./dialect/front.ts";
import { Faults } from "./fault/faults.ts";
import { streamFaults, streamStrikes, webhookFaults } from "./fault/seam.ts";
import { type Dispatch, asItIs } from "./webhook/dispatch.ts";
import { FaultRule, type FaultRuleInput } from "./fault/rule.ts";
import { type ApiOptions, createApi } from "./http/api.ts";
import { createControl } from "./http/control.ts";
import { type Listener, fetchListener, listen } from "./http/listen.ts";
import { StreamHub, type StreamOptions } from "./stream/hub.ts";
import { streamUpgrade } from "./stream/upgrade.ts";
import { type Venue, type VenueOptions, createVenue } from "./venue.ts";

export interface SandboxOptions extends VenueOptions, ApiOptions {
  /** Port of the API; 0 takes a free one. Default 0. */
  readonly port?: number;
  /** Port of the controls; 0 takes a free one. Default 0. */
  readonly controlPort?: number;
  /** Token of the controls. Default: random. */
  readonly controlToken?: string;
  /** Faults from the start. They live in memory: a venue that restarts has those of its options only. */
  readonly faults?: readonly FaultRuleInput[];
  /** What a fault of the kind "crash" does, right after the commit. Without it no crash is armed. */
  readonly onCrash?: () => void;
  /** Which venue the API speaks like. Default "guides": all that the published guides say, and our own. */
  readonly dialect?: DialectName;
  /** Seed of the faults' chances. Default "faults". */
  readonly faultSeed?: string;
  /** How long requests may take to end when the venue closes, in real milliseconds. Default 5,000. */
  readonly stopGraceMs?: number;
  /** Told what whoever starts the venue should know. Default: a warning of the process. */
  readonly warn?: (message: string) => void;
  /** Pace of the stream's ticks, and its limits. */
  readonly stream?: StreamOptions;
}

export interface Sandbox extends AsyncDisposable {
  /** Base of the API: "http://127.0.0.1:4100". */
  readonly url: string;
  /** The same in the guides' dialect, whatever dialect stands before it. */
  readonly guidesUrl: string;
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
  /**
   * Accepts nothing more, lets what runs end within `stopGraceMs`, and frees ports and state file. What is held
   * is not carried out.
   */
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
  const rules = (options.faults ?? []).map((rule) => FaultRule.parse(rule));
  const token = options.controlToken ?? randomBytes(18).toString("base64url");
  const { warn = emitWarning } = options;
  if (options.acceptLiveKeys === true) warn(LIVE_KEYS_WARNING);
  let onWay: Dispatch = asItIs;
  const venue = createVenue({
    ...options,
    webhooks: { dispatch: (parcel) => onWay(parcel), ...options.webhooks },
  });
  const faults = new Faults(options.faultSeed ?? "faults", [], {
    now: () => venue.clock.now(),
    crash: options.onCrash,
  });
  const stream = new StreamHub(venue, options.stream);
  const now = (): number => venue.clock.now();
  stream.setDeliver(streamFaults(faults, stream, now));
  stream.setStrikes(streamStrikes(faults, stream, now));
  onWay = webhookFaults(faults, (agent) => venue.agentName(agent));
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
    for (const rule of rules) faults.add(rule);
    const api = createApi(venue, faults, options);
    const control = fetchListener(createControl(venue, faults, token).fetch);
    const { dialect = "guides", port = 0, stopGraceMs: graceMs } = options;
    const upgrade = streamUpgrade(venue, stream);
    let apiListener = await listen(api, dialect === "guides" ? port : 0, { graceMs, upgrade });
    listeners.push(apiListener);
    const guidesUrl = apiListener.url;
    if (dialect !== "guides") {
      apiListener = await openFront(dialect, { inner: guidesUrl, venue, port });
      listeners.unshift(apiListener);
    }
    const controlListener = await listen(control, options.controlPort ?? 0, { graceMs });
    listeners.push(controlListener);
    const controlUrl = controlListener.url;
    return {
      url: apiListener.url,
      guidesUrl,
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
