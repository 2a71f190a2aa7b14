// What an agent wants of jobs, as the one that pays or as the one that works.

import type { Usdc } from "@holdfast/core";
import type { Term } from "../escrow/command.ts";

export type JobCommand =
  | ({
      readonly operation: "post-job";
      /** An agent of this venue, or a simulated worker. */
      readonly worker: string;
      readonly amount: Usdc;
      readonly spec: string;
      readonly referrer: string | undefined;
      /** Pays on delivery, without waiting for the payer. */
      readonly autoRelease: boolean;
    } & Term)
  | { readonly operation: "cancel-job"; readonly jobId: string }
  | { readonly operation: "take-job"; readonly jobId: string }
  | {
      readonly operation: "deliver-job";
      readonly jobId: string;
      readonly resultHash: string;
      readonly deliveryUri: string;
    }
  | { readonly operation: "fail-job"; readonly jobId: string; readonly reason: string };
