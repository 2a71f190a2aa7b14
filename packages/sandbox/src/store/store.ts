// The venue's whole store: one file, its tables, and transactions over all of them.

import { type AgentTable, agentTable } from "./agent-table.ts";
import { type AuditQuery, auditQuery } from "./audit-query.ts";
import { type CasinoTable, casinoTable } from "./casino-table.ts";
import { type CommandTable, commandTable } from "./command-table.ts";
import { Database, type Durability } from "./database.ts";
import { type EscrowTable, escrowTable } from "./escrow-table.ts";
import { type DomainTable, domainTable } from "./domain-table.ts";
import { type EventTable, eventTable } from "./event-table.ts";
import { type FundingTable, fundingTable } from "./funding-table.ts";
import { type Invariant, invariantQuery } from "./invariant-query.ts";
import { type KeyTable, keyTable } from "./key-table.ts";
import { type JobTable, jobTable } from "./job-table.ts";
import { type DeliveryTable, deliveryTable } from "./delivery-table.ts";
import { type LedgerTable, ledgerTable } from "./ledger-table.ts";
import { type LowBalanceTable, lowBalanceTable } from "./low-balance-table.ts";
import { type OrderTable, orderTable } from "./order-table.ts";
import { type PositionTable, positionTable } from "./position-table.ts";
import { type RecordTable, recordTable } from "./record-table.ts";
import { type TimerTable, timerTable } from "./timer-table.ts";
import { type WebhookTable, webhookTable } from "./webhook-table.ts";

export interface Store extends Disposable {
  readonly agents: AgentTable;
  readonly keys: KeyTable;
  readonly ledger: LedgerTable;
  readonly positions: PositionTable;
  readonly orders: OrderTable;
  readonly funding: FundingTable;
  readonly casino: CasinoTable;
  readonly domains: DomainTable;
  readonly commands: CommandTable;
  readonly events: EventTable;
  readonly timers: TimerTable;
  readonly escrows: EscrowTable;
  readonly jobs: JobTable;
  readonly webhooks: WebhookTable;
  readonly deliveries: DeliveryTable;
  readonly lowBalances: LowBalanceTable;
  readonly records: RecordTable;
  readonly audit: AuditQuery;
  readonly checkInvariants: () => readonly Invariant[];
  /** Runs `work` in one transaction; nothing of it remains when it throws. */
  transaction<Value>(work: () => Value): Value;
  /** Runs `work` as a part of the open transaction; nothing of it remains when it throws. */
  part<Value>(work: () => Value): Value;
  /** False after an error that has ended the transaction as a whole. */
  isInTransaction(): boolean;
  meta(name: string): string | undefined;
  setMeta(name: string, value: string): void;
}

/** Opens the file, or makes it. @throws HF-VENUE-STATE-… as the database does */
export function openStore(path: string, durability: Durability): Store {
  const database = new Database(path, durability);
  return {
    agents: agentTable(database),
    keys: keyTable(database),
    ledger: ledgerTable(database),
    positions: positionTable(database),
    orders: orderTable(database),
    funding: fundingTable(database),
    casino: casinoTable(database),
    domains: domainTable(database),
    commands: commandTable(database),
    events: eventTable(database),
    timers: timerTable(database),
    escrows: escrowTable(database),
    jobs: jobTable(database),
    webhooks: webhookTable(database),
    deliveries: deliveryTable(database),
    lowBalances: lowBalanceTable(database),
    records: recordTable(database),
    audit: auditQuery(database),
    checkInvariants: invariantQuery(database),
    transaction: (work) => database.transaction(work),
    part: (work) => database.part(work),
    isInTransaction: () => database.raw.isTransaction,
    meta: (name) => database.meta(name),
    setMeta: (name, value) => {
      database.setMeta(name, value);
    },
    [Symbol.dispose]: () => {
      database[Symbol.dispose]();
    },
  };
}
