// What an agent wants of its wallet: money in and out.

export type WalletCommand =
  | { readonly operation: "deposit"; readonly asset: Asset; readonly amount: bigint }
  | {
      readonly operation: "withdraw";
      readonly asset: Asset;
      readonly amount: bigint;
      /** Where to: kept and shown, nothing is sent. */
      readonly address: string | undefined;
    };

/** What a wallet holds: USDC in millionths, BTC in 1e-8. */
export type Asset = "USDC" | "BTC";
