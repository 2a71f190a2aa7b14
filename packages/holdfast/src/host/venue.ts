// The venue of a project: the paper venue started along, or one elsewhere.

import { randomBytes } from "node:crypto";
import { HoldfastError, usdc } from "@holdfast/core";
import type { VenueIdentity } from "@holdfast/engine";
import {
  type VenueProfile,
  createPurpleFlea,
  guideProfile,
  paperProfile,
} from "@holdfast/purpleflea";
import type { Sandbox } from "@holdfast/sandbox";
import type { Config } from "../config/config.ts";
import type { StateFolder } from "./state-folder.ts";

export interface HostVenue {
  readonly url: string;
  readonly identity: VenueIdentity;
  readonly profile: VenueProfile;
  /** Present when the paper venue runs in this process. */
  readonly sandbox: Sandbox | undefined;
}

/** @throws HF-PORT-IN-USE, HF-VENUE-STATE-…, HF-VENUE-UNREACHABLE, HF-VENUE-MODE */
export async function openVenue(config: Config, folder: StateFolder): Promise<HostVenue> {
  const venue = config.venue ?? { kind: "paper" };
  if (venue.kind === "paper") {
    const { openSandbox } = await import("@holdfast/sandbox");
    const kept = folder.readPorts();
    const sandbox = await openSandbox({
      path: folder.venue,
      ...(venue.grant === undefined ? {} : { grant: usdc(venue.grant) }),
      ...(venue.seed === undefined ? {} : { seed: venue.seed }),
      port: venue.port ?? kept?.venue ?? 0,
      controlPort: kept?.venueControl ?? 0,
      controlToken: kept?.venueToken ?? randomBytes(18).toString("base64url"),
    });
    folder.writePorts({
      venue: Number(new URL(sandbox.url).port),
      venueControl: Number(new URL(sandbox.controlUrl).port),
      venueToken: sandbox.controlToken,
    });
    return {
      url: sandbox.url,
      profile: paperProfile,
      sandbox,
      identity: { url: "paper", mode: "paper", instanceId: sandbox.instanceId },
    };
  }
  const profile = venue.mode === "paper" ? paperProfile : guideProfile;
  const status = await createPurpleFlea({
    baseUrl: venue.baseUrl,
    profile,
    mode: venue.mode,
  }).status();
  if (status.mode !== undefined && status.mode !== venue.mode) {
    throw new HoldfastError(
      "HF-VENUE-MODE",
      `Cannot use ${venue.baseUrl}: the configuration says mode "${venue.mode}", the venue says "${status.mode}".`,
    );
  }
  return {
    url: venue.baseUrl,
    profile,
    sandbox: undefined,
    identity: { url: venue.baseUrl, mode: venue.mode, instanceId: status.venue ?? venue.baseUrl },
  };
}
