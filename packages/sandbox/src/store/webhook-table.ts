// Endpoints of agents, as rows.

import type { Database } from "./database.ts";
import { type Row, integer, optionalInteger, optionalText, prepared, text } from "./row.ts";

export interface Endpoint {
  readonly id: string;
  /** That of the command that registered it. */
  readonly number: number;
  readonly agent: string;
  readonly url: string;
  readonly topics: readonly string[];
  readonly description: string;
  readonly enabled: boolean;
  readonly disabledReason: "asked" | "failing" | "gone" | null;
  readonly secret: string;
  readonly oldSecret: string | null;
  readonly oldSecretUntil: number | null;
  readonly createdAt: number;
  readonly failingSince: number | null;
}

export interface WebhookTable {
  /** Inserts it, or puts it in the place of the one with its id. */
  put(endpoint: Endpoint): void;
  get(id: string): Endpoint | undefined;
  /** In the order of their registration. */
  ofAgent(agent: string): readonly Endpoint[];
  remove(id: string): void;
  anyEnabled(): boolean;
}

export function webhookTable({ raw }: Database): WebhookTable {
  const put = raw.prepare(
    `INSERT OR REPLACE INTO webhook (id, number, agent, url, topics, description, enabled,
       disabled_reason, secret, old_secret, old_secret_until, created_at, failing_since)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const get = prepared(raw, "SELECT * FROM webhook WHERE id = ?");
  const ofAgent = prepared(raw, "SELECT * FROM webhook WHERE agent = ? ORDER BY number");
  const remove = raw.prepare("DELETE FROM webhook WHERE id = ?");
  const anyEnabled = raw.prepare("SELECT 1 FROM webhook WHERE enabled = 1 LIMIT 1");
  return {
    put(one) {
      put.run(
        one.id,
        one.number,
        one.agent,
        one.url,
        JSON.stringify(one.topics),
        one.description,
        one.enabled ? 1 : 0,
        one.disabledReason,
        one.secret,
        one.oldSecret,
        one.oldSecretUntil,
        one.createdAt,
        one.failingSince,
      );
    },
    get(id) {
      const row = get.get(id);
      return row === undefined ? undefined : parse(row);
    },
    ofAgent: (agent) => ofAgent.all(agent).map(parse),
    remove(id) {
      remove.run(id);
    },
    anyEnabled: () => anyEnabled.get() !== undefined,
  };
}

function parse(row: Row): Endpoint {
  return {
    id: text(row, "id"),
    number: integer(row, "number"),
    agent: text(row, "agent"),
    url: text(row, "url"),
    topics: JSON.parse(text(row, "topics")) as readonly string[],
    description: text(row, "description"),
    enabled: integer(row, "enabled") === 1,
    disabledReason: optionalText(row, "disabled_reason") as Endpoint["disabledReason"],
    secret: text(row, "secret"),
    oldSecret: optionalText(row, "old_secret"),
    oldSecretUntil: optionalInteger(row, "old_secret_until"),
    createdAt: integer(row, "created_at"),
    failingSince: optionalInteger(row, "failing_since"),
  };
}
