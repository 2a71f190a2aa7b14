// What the venue's owner may say of webhooks.

import type { Dispatch } from "./dispatch.ts";
import type { WebhookTargets } from "./target.ts";

/** How long an attempt may take, in milliseconds of the machine's time: 15 seconds. */
export const WEBHOOK_TIMEOUT_MS = 15_000;

export interface WebhookOptions {
  /**
   * Where webhooks may go. Default "loopback": this machine only. "any" lets every agent of this venue make it
   * send requests into whatever networks the machine reaches.
   */
  readonly targets?: WebhookTargets;
  /** How long an attempt may take, in milliseconds of the machine's time. Default 15 s. */
  readonly timeoutMs?: number;
  /** Seed of the waits' jitter. Default "webhooks". */
  readonly retrySeed?: string;
  /** What is really sent, for faults. Default: each as it is. */
  readonly dispatch?: Dispatch;
}
