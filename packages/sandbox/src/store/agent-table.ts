// The agents of the venue.

import { type Usdc, micros } from "@holdfast/core";
import type { Database } from "./database.ts";
import { big, optionalInteger, prepared, text } from "./row.ts";

export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly peak: Usdc;
  /** Last faucet claim, on the venue's clock. */
  readonly claimedAt: number | null;
}

export interface NewAgent {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly at: number;
  readonly peak: Usdc;
}

export interface AgentTable {
  insert(agent: NewAgent): void;
  get(id: string): Agent | undefined;
  setPeak(id: string, peak: Usdc): void;
  /** Notes a claim. */
  claimed(id: string, at: number): void;
  /** The peak moves along with what was paid in, or out (negative). */
  movePeak(id: string, amount: Usdc): void;
}

export function agentTable({ raw }: Database): AgentTable {
  const insert = raw.prepare(
    "INSERT INTO agent (id, name, description, created_at, peak) VALUES (?, ?, ?, ?, ?)",
  );
  const get = prepared(raw, "SELECT id, name, peak, claimed_at FROM agent WHERE id = ?");
  const setPeak = raw.prepare("UPDATE agent SET peak = ? WHERE id = ?");
  const movePeak = raw.prepare("UPDATE agent SET peak = peak + ? WHERE id = ?");
  const claimed = raw.prepare("UPDATE agent SET claimed_at = ? WHERE id = ?");
  return {
    insert({ id, name, description, at, peak }) {
      insert.run(id, name, description, at, peak);
    },
    get(id) {
      const row = get.get(id);
      if (row === undefined) return undefined;
      return {
        id: text(row, "id"),
        name: text(row, "name"),
        peak: micros(big(row, "peak")),
        claimedAt: optionalInteger(row, "claimed_at"),
      };
    },
    setPeak(id, peak) {
      setPeak.run(peak, id);
    },
    claimed(id, at) {
      claimed.run(at, id);
    },
    movePeak(id, amount) {
      movePeak.run(amount, id);
    },
  };
}
