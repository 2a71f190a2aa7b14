// How a domain carries its commands out: a function for each operation, within one open transaction.

import type { Context } from "./context.ts";
import type { Outcome } from "./outcome.ts";

export type Operations<Own extends { readonly operation: string }> = {
  readonly [Name in Own["operation"]]: (
    command: Extract<Own, { readonly operation: Name }>,
    context: Context,
  ) => Outcome;
};
