// The venue's whole store: one file, its tables, and transactions over all of them.

import { type AgentTable, agentTable } from "./agent-table.ts";
import { type AuditQuery, auditQuery } from "./audit-query.ts";
import { type CommandTable, commandTable } from "./command-table.ts";
import { Database, type Durability } from "./database.ts";
import { type EventTable, eventTable } from "./event-table.ts";
import { type FundingTable, fundingTable } from "./funding-table.ts";
import { type Invariant, invariantQuery } from "./invariant-query.ts";
import { type LedgerTable, ledgerTable } from "./ledger-table.ts";
import { type OrderTable, orderTable } from "./order-table.ts";
import { type PositionTable, positionTable } from "./position-table.ts";
import { type TimerTable, timerTable } from "./timer-table.ts";

export interface Store extends Disposable {
  readonly agents: AgentTable;
  readonly ledger: LedgerTable;
  readonly positions: PositionTable;
  readonly orders: OrderTable;
  readonly funding: FundingTable;
  readonly commands: CommandTable;
  readonly events: EventTable;
  readonly timers: TimerTable;
  readonly audit: AuditQuery;
  readonly checkInvariants: () => readonly Invariant[];
  /** Runs `work` in one transaction; nothing of it remains when it throws. */
  transaction<Value>(work: () => Value): Value;
  meta(name: string): string | undefined;
  setMeta(name: string, value: string): void;
}

/** Opens the file, or makes it. @throws HF-VENUE-STATE-… as the database does */
export function openStore(path: string, durability: Durability): Store {
  const database = new Database(path, durability);
  return {
    agents: agentTable(database),
    ledger: ledgerTable(database),
    positions: positionTable(database),
    orders: orderTable(database),
    funding: fundingTable(database),
    commands: commandTable(database),
    events: eventTable(database),
    timers: timerTable(database),
    audit: auditQuery(database),
    checkInvariants: invariantQuery(database),
    transaction: (work) => database.transaction(work),
    meta: (name) => database.meta(name),
    setMeta: (name, value) => {
      database.setMeta(name, value);
    },
    [Symbol.dispose]: () => {
      database[Symbol.dispose]();
    },
  };
}
