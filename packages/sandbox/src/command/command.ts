// What callers want of the venue, freed of dialects: one shape per operation, whatever path it came by. Each
// domain says its own; this is all of them.

import type { AccountCommand } from "../agent/command.ts";
import type { CasinoCommand } from "../casino/command.ts";
import type { DomainCommand } from "../domain/command.ts";
import type { EscrowCommand } from "../escrow/command.ts";
import type { JobCommand } from "../job/command.ts";
import type { TradeCommand } from "../trade/command.ts";
import type { WalletCommand } from "../wallet/command.ts";
import type { WebhookCommand } from "../webhook/command.ts";
import type { Fate } from "./fate.ts";

export type Command =
  | AccountCommand
  | CasinoCommand
  | DomainCommand
  | EscrowCommand
  | JobCommand
  | TradeCommand
  | WalletCommand
  | WebhookCommand;

export type Operation = Command["operation"];

/** How a key came: it decides how a repetition is answered. */
export type KeyCarrier = "header" | "client_request_id" | "idempotency_key";

/** Who sends a command, and under which names. */
export interface Sender {
  /** Empty for a registration, which nobody has signed. */
  readonly agent: string;
  /** The caller's name for this one effect: a repetition under it is answered, not carried out. */
  readonly key?: string | undefined;
  readonly carrier?: KeyCarrier | undefined;
  /** The caller's business name for the decision behind it: only the audit reads it. */
  readonly ref?: string | undefined;
  /** What the venue does to this order of its own will: a fault that was asked for. */
  readonly fate?: Fate | undefined;
  /** Keys of at least this age are forgotten for this command, in milliseconds. Default: `KEY_TTL_MS`. */
  readonly keyTtlMs?: number | undefined;
}

export type Json = Readonly<Record<string, unknown>>;
