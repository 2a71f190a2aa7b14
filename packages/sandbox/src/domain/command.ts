// What an agent wants of domains: to have a name, and to keep it.

export type DomainCommand =
  | { readonly operation: "register-domain"; readonly name: string; readonly years: number }
  | {
      readonly operation: "renew-domain";
      readonly name: string;
      readonly years: number;
      /** The expiry that it must have now, in milliseconds since the epoch. */
      readonly expiresAt: number | undefined;
    };
