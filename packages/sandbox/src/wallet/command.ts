// What an agent wants of its wallet: money in and out.

import type { Usdc } from "@holdfast/core";

export type WalletCommand =
  | { readonly operation: "deposit"; readonly asset: Asset; readonly amount: bigint }
  | {
      readonly operation: "withdraw";
      readonly asset: Asset;
      readonly amount: bigint;
      /** Where to: kept and shown, nothing is sent. */
      readonly address: string | undefined;
    }
  | {
      readonly operation: "set-low-balance-threshold";
      /** 0 is off. */
      readonly threshold: Usdc;
    };

/** What a wallet holds: USDC in millionths, BTC in 1e-8. */
export type Asset = "USDC" | "BTC";
