// The venue of a project: the paper venue started along, or one elsewhere.

import { randomBytes } from "node:crypto";
import { HoldfastError, type Log, hasCode, usdc } from "@holdfast/core";
import type { VenueIdentity } from "@holdfast/engine";
import {
  type PurpleFlea,
  type PurpleFleaOptions,
  type VenueProfile,
  createPurpleFlea,
  guideProfile,
  paperProfile,
  publicProfile,
} from "@holdfast/purpleflea";
import type { Sandbox, SandboxOptions } from "@holdfast/sandbox";
import type { LiveVenue, PaperVenue, RemoteVenue } from "../config/config.ts";
import { scrubbing } from "../secret/scrub.ts";
import type { StateFolder } from "./state-folder.ts";

export interface HostVenue extends AsyncDisposable {
  readonly url: string;
  readonly identity: VenueIdentity;
  readonly profile: VenueProfile;
  /** A client without an API key, for what anybody may read. */
  readonly reader: PurpleFlea;
  /** The paper venue's audit with its token, where it runs in this process. */
  readonly auditUrl: string | undefined;
}

/** Ports that a command line asks for; they win over the configuration's. */
export interface VenuePorts {
  readonly venue?: number | undefined;
  readonly venueControl?: number | undefined;
}

export interface VenueSettings {
  readonly folder: StateFolder;
  readonly log: Log;
  readonly ports?: VenuePorts | undefined;
  /** The paper venue's clock, where time is not the machine's. */
  readonly clock?: SandboxOptions["clock"] | undefined;
}

function readerOf(options: PurpleFleaOptions): PurpleFlea {
  return scrubbing(createPurpleFlea(options), () => undefined);
}

/** @throws HF-PORT-IN-USE, HF-VENUE-STATE-…, HF-VENUE-UNREACHABLE, HF-VENUE-MODE */
export async function openVenue(
  venue: PaperVenue | RemoteVenue | LiveVenue,
  settings: VenueSettings,
): Promise<HostVenue> {
  switch (venue.kind) {
    case "paper":
      return openPaper(venue, settings);
    case "remote":
      return openRemote(venue);
    case "live":
      return openLive(venue);
  }
}

/**
 * A project's venue for a command beside the process that hosts it: nothing is opened, and of a paper venue in
 * the folder the one that runs is found.
 *
 * @throws HF-VENUE-UNREACHABLE, HF-VENUE-MODE
 */
export async function findVenue(
  venue: PaperVenue | RemoteVenue | LiveVenue,
  folder: Pick<StateFolder, "path" | "readPorts">,
): Promise<HostVenue> {
  if (venue.kind !== "paper") return venue.kind === "live" ? openLive(venue) : openRemote(venue);
  const port = folder.readPorts()?.venue;
  if (port === undefined) {
    throw new HoldfastError(
      "HF-VENUE-UNREACHABLE",
      `Cannot find a paper venue for ${folder.path}: none has run there. Start one with "holdfast dev" or "holdfast sandbox", or name another with --url.`,
      { class: "network" },
    );
  }
  return openRemote({ kind: "remote", baseUrl: `http://127.0.0.1:${port}` });
}

async function openPaper(venue: PaperVenue, settings: VenueSettings): Promise<HostVenue> {
  const { folder, clock } = settings;
  const sandbox = await listen(venue, settings, {
    path: folder.venue,
    ...(clock === undefined ? {} : { clock }),
    // On virtual time a minute is nothing: its limits would only tell of the machine.
    rateLimits: clock === undefined,
    ...(venue.grant === undefined ? {} : { grant: usdc(venue.grant) }),
    ...(venue.seed === undefined ? {} : { seed: venue.seed }),
    controlToken: folder.readPorts()?.venueToken ?? randomBytes(18).toString("base64url"),
  });
  folder.writePorts({
    venue: Number(new URL(sandbox.url).port),
    venueControl: Number(new URL(sandbox.controlUrl).port),
    venueToken: sandbox.controlToken,
  });
  return {
    url: sandbox.url,
    profile: paperProfile,
    reader: readerOf({ baseUrl: sandbox.url, profile: paperProfile }),
    auditUrl: sandbox.auditUrl,
    // Its port may change; what makes it the same venue is its state.
    identity: { url: "paper", mode: "paper", instanceId: sandbox.instanceId },
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

/** Listens on the ports that were asked for, or on those of the last time as long as nobody has taken them. */
async function listen(
  venue: PaperVenue,
  { folder, log, ports = {} }: VenueSettings,
  options: SandboxOptions,
): Promise<Sandbox> {
  const { openSandbox } = await import("@holdfast/sandbox");
  const kept = folder.readPorts();
  const asked = {
    port: ports.venue ?? venue.port,
    controlPort: ports.venueControl ?? venue.controlPort,
  };
  let { port = kept?.venue ?? 0, controlPort = kept?.venueControl ?? 0 } = asked;
  for (;;) {
    try {
      return await openSandbox({ ...options, port, controlPort });
    } catch (error) {
      if (!hasCode(error, "HF-PORT-IN-USE")) throw error;
      const taken = error.details["port"];
      if (taken === port && port !== 0 && asked.port === undefined) port = 0;
      else if (taken === controlPort && controlPort !== 0 && asked.controlPort === undefined) {
        controlPort = 0;
      } else throw error;
      log.warn(`Port ${String(taken)} of the last time is taken; the paper venue uses another.`);
    }
  }
}

/** @throws HF-VENUE-UNREACHABLE, HF-VENUE-MODE */
async function openRemote(venue: RemoteVenue): Promise<HostVenue> {
  const { baseUrl } = venue;
  const reader = readerOf({ baseUrl, profile: paperProfile });
  const status = await reader.status().catch((cause: unknown) => {
    throw new HoldfastError(
      "HF-VENUE-UNREACHABLE",
      `Cannot use the paper venue ${baseUrl}: ${cause instanceof Error ? cause.message : String(cause)} Start it ("holdfast dev" or "holdfast sandbox" in another terminal), or correct the address.`,
      { class: "network", cause },
    );
  });
  if (status.mode !== "paper") {
    throw new HoldfastError(
      "HF-VENUE-MODE",
      `Cannot use ${baseUrl} as a paper venue: it says its mode is "${status.mode ?? "unknown"}". For real money write live({ baseUrl }).`,
    );
  }
  return {
    url: baseUrl,
    profile: paperProfile,
    reader,
    auditUrl: undefined,
    identity: { url: baseUrl, mode: "paper", instanceId: status.venue ?? baseUrl },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** What a venue can do, as far as the configuration says it. */
export function profileOf(venue: PaperVenue | RemoteVenue | LiveVenue): VenueProfile {
  if (venue.kind !== "live") return paperProfile;
  return venue.profile === "public-2026-03" ? publicProfile : guideProfile;
}

/** Nothing is asked of a live venue at the start: a fleet must come up again during an outage of hours. */
async function openLive(venue: LiveVenue): Promise<HostVenue> {
  const { baseUrl } = venue;
  const profile = profileOf(venue);
  return {
    url: baseUrl,
    profile,
    reader: readerOf({ baseUrl, profile, mode: "live" }),
    auditUrl: undefined,
    identity: { url: baseUrl, mode: "live", instanceId: baseUrl },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
