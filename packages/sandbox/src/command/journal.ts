// Remembers commands: each write's key, effect, answer and event, written in the transaction that carries it
// out. A repetition under a key is answered from here and never carried out again.

import { type Usdc, micros } from "@holdfast/core";
import type { CommandTable, KeptCommand } from "../store/command-table.ts";
import type { Json, Operation, Sender } from "./command.ts";
import type { FiredLog } from "./fired.ts";
import { type Event, type Outcome, type Told, isKept } from "./outcome.ts";
import { isSealed, keyDigest, seal, unseal } from "./seal.ts";
import type { Teller } from "./teller.ts";

/** How long a key is remembered, in milliseconds of the venue's time: 24 hours. */
export const KEY_TTL_MS = 86_400_000;

export interface Kept {
  /** True of an answer that holds a secret. */
  readonly isSecret: boolean;
  readonly id: number;
  readonly operation: string;
  readonly fingerprint: string;
  readonly status: number;
  readonly body: Json;
  readonly at: number;
  readonly ref: string | null;
}

/** A command that is being carried out. */
export interface Doing {
  readonly id: number;
  readonly operation: Operation;
  readonly sender: Sender;
  readonly fingerprint: string;
  readonly at: number;
}

/** When a key is asked for, and of which operation. */
export interface KeyQuery {
  readonly at: number;
  /** Default: any. */
  readonly operation?: string | undefined;
  /** Default, and most: `KEY_TTL_MS`. */
  readonly ttlMs?: number | undefined;
}

export interface Journal {
  nextId(): number;
  /** What is kept under a key; undefined when there is nothing, or it is older than 24 hours, or than is asked. */
  find(scope: string, key: string, query: KeyQuery): Kept | undefined;
  /** Forgets a key for ever where it is older than is asked. */
  forget(scope: string, key: string, query: KeyQuery): void;
  /** Keeps an outcome: always when it changed anything, else where its key will be asked for. */
  keep(doing: Doing, outcome: Outcome): void;
  /** Notes what the venue did by itself and returns its number. */
  keepOwn(own: OwnDeed): void;
  countReplay(id: number): void;
  /** What the venue did by itself. */
  readonly fired: FiredLog;
}

/** Something that the venue did by itself. */
export interface OwnDeed {
  readonly id: number;
  /** "liquidate", "fill-order". */
  readonly operation: string;
  readonly agent: string;
  /** The business name of what it carries out. */
  readonly ref: string | null;
  readonly at: number;
  readonly amount: Usdc;
  readonly event: Event;
  readonly tells?: readonly Told[];
}

export function createJournal(table: CommandTable, teller: Teller): Journal {
  // The key of an answer that holds a secret is kept as a digest; nobody's keys are, all of them.
  const namesOf = (scope: string, key: string): readonly [string, string] => {
    const digest = keyDigest(key);
    return [scope === "" ? digest : key, digest];
  };
  return {
    nextId: () => table.nextId(),
    forget(scope, key, { at, operation, ttlMs = KEY_TTL_MS }) {
      const found = table.byKey(scope, namesOf(scope, key), operation);
      if (found !== undefined && at - found.at >= ttlMs) table.forgetKey(found.id);
    },
    find(scope, key, { at, operation, ttlMs = KEY_TTL_MS }) {
      const found = table.byKey(scope, namesOf(scope, key), operation);
      if (found === undefined || at - found.at >= Math.min(ttlMs, KEY_TTL_MS)) return undefined;
      return { ...found, body: open(found, key), isSecret: isSealed(found.body) };
    },
    keep({ id, operation, sender, fingerprint, at }, outcome) {
      const { agent: scope, key, ref } = sender;
      const effect = outcome.kind === "done";
      if (!effect && (key === undefined || !isKept(outcome))) return;
      const agent = effect ? outcome.agent : scope;
      const isSecret = effect && outcome.secret === true;
      table.insert({
        id,
        actor: "caller",
        scope,
        agent,
        operation,
        key: key === undefined ? null : isSecret || scope === "" ? keyDigest(key) : key,
        ref: ref ?? null,
        fingerprint,
        at,
        effect,
        amount: effect ? outcome.amount : micros(0n),
        status: outcome.status,
        body: isSecret ? seal(outcome.body, key) : JSON.stringify(outcome.body),
      });
      if (effect) teller.tell({ ...outcome.event, agent }, outcome.tells, { id, at, operation });
    },
    keepOwn({ id, operation, agent, ref, at, amount, event, tells }) {
      table.insert({
        id,
        actor: "venue",
        scope: agent,
        agent,
        operation,
        key: null,
        ref,
        fingerprint: "",
        at,
        effect: true,
        amount,
        status: 200,
        body: "{}",
      });
      teller.tell({ ...event, agent }, tells, { id, at, operation });
      teller.fired.note({ kind: operation, at, agent });
    },
    fired: teller.fired,
    countReplay(id) {
      table.countReplay(id);
    },
  };
}

function open({ body }: KeptCommand, key: string): Json {
  return isSealed(body) ? unseal(body, key) : (JSON.parse(body) as Json);
}
