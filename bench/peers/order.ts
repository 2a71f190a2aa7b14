// What the runner tells a peer's process to do, and what that process tells the runner.

import type { About, Hop } from "./peer.ts";
import type { Figures, Size, WITHIN } from "./workload.ts";

export interface Order extends Size {
  /** The address of the peer's module. */
  readonly module: string;
  readonly what: keyof typeof WITHIN | "load" | "finish" | "hop";
  readonly folder: string;
  readonly addresses: Readonly<Record<string, string>>;
  /** Processes of its server. */
  readonly servers: readonly number[];
  /** A folder for CPU profiles of its threads. */
  readonly profile?: string | undefined;
}

export type Told =
  | { readonly kind: "figures"; readonly figures: Figures; readonly about: About }
  | { readonly kind: "hop"; readonly hop: Hop | undefined; readonly about: About };
