// What an agent wants of its account: to exist, to be given its first money, and to have keys.

import type { Scope } from "./scope.ts";

export type AccountCommand =
  | {
      readonly operation: "register";
      readonly name: string;
      readonly description: string;
      /** Hash of the live key that names the agent; such an agent is given no key of its own. */
      readonly liveKeyHash?: string;
    }
  | {
      readonly operation: "create-api-key";
      readonly label: string;
      /** All where absent, also those of later versions. */
      readonly scopes?: readonly Scope[];
      /** For how long it is good, in milliseconds; for ever where absent. */
      readonly expiresInMs?: number;
    }
  | { readonly operation: "revoke-api-key"; readonly keyId: string }
  | { readonly operation: "claim" };
