// The table of commands: each write's key, effect and answer in one row. A repetition under a key is
// answered from here; the audit counts here.

import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import type { Database } from "../store/database.ts";
import type { Json, Operation, Outcome, Sender } from "./command.ts";

/** How long a key is remembered, in milliseconds of the venue's time. */
export const KEY_TTL_MS = 86_400_000;

export interface Known {
  readonly id: number;
  readonly fingerprint: string;
  readonly status: number;
  readonly body: Json;
}

export interface CommandJournal {
  nextId(): number;
  /** The answer kept under a key; undefined when there is none, or it is too old. */
  find(sender: Sender, operation: Operation, at: number): Known | undefined;
  /** The newest command under a key, whatever its operation. */
  lookup(agent: string, key: string, at: number): { readonly operation: string; readonly status: number; readonly body: Json } | undefined;
  insert(id: number, sender: Sender, operation: Operation, fingerprint: string, at: number, outcome: Outcome): void;
  replayed(id: number): void;
}

export function commandJournal(database: Database): CommandJournal {
  const { raw } = database;
  const next = raw.prepare("SELECT coalesce(max(id), 0) + 1 AS id FROM command");
  const find = raw.prepare(
    "SELECT id, fingerprint, status, body, at FROM command WHERE agent = ? AND operation = ? AND key = ? ORDER BY id DESC LIMIT 1",
  );
  const lookup = raw.prepare(
    "SELECT operation, status, body, at FROM command WHERE agent = ? AND key = ? ORDER BY id DESC LIMIT 1",
  );
  const insert = raw.prepare(
    `INSERT INTO command (id, agent, operation, key, ref, fingerprint, at, effect, amount, status, body, replays)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
  );
  const event = raw.prepare("INSERT INTO outbox (agent, type, payload, at, command) VALUES (?, ?, ?, ?, ?)");
  const replayed = raw.prepare("UPDATE command SET replays = replays + 1 WHERE id = ?");
  return {
    nextId: () => Number(next.get()?.["id"]),
    find({ agent, key }, operation, at) {
      if (key === undefined) return undefined;
      const found = find.get(agent, operation, key);
      if (found === undefined || at - Number(found["at"]) >= KEY_TTL_MS) return undefined;
      return {
        id: Number(found["id"]),
        fingerprint: String(found["fingerprint"]),
        status: Number(found["status"]),
        body: unseal(String(found["body"]), key),
      };
    },
    lookup(agent, key, at) {
      const found = lookup.get(agent, key);
      if (found === undefined || at - Number(found["at"]) >= KEY_TTL_MS) return undefined;
      return {
        operation: String(found["operation"]),
        status: Number(found["status"]),
        body: unseal(String(found["body"]), key),
      };
    },
    insert(id, sender, operation, fingerprint, at, outcome) {
      const body = outcome.secret === true ? seal(outcome.body, sender.key) : JSON.stringify(outcome.body);
      insert.run(
        id,
        sender.agent,
        operation,
        sender.key ?? null,
        sender.ref ?? null,
        fingerprint,
        at,
        outcome.effect ? 1 : 0,
        outcome.amount,
        outcome.status,
        body,
      );
      if (outcome.effect) {
        const { type, payload } = outcome.event ?? { type: `command.${operation}`, payload: {} };
        event.run(sender.agent, type, JSON.stringify(payload), at, id);
      }
    },
    replayed(id) {
      replayed.run(id);
    },
  };
}

const SEALED = "sealed:";

/** Encrypts an answer under its own idempotency key; without a key nothing is kept of it. */
function seal(body: Json, key: string | undefined): string {
  if (key === undefined) return "{}";
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", secretOf(key), nonce);
  const text = Buffer.concat([cipher.update(JSON.stringify(body)), cipher.final()]);
  return SEALED + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64");
}

function unseal(text: string, key: string): Json {
  if (!text.startsWith(SEALED)) return JSON.parse(text) as Json;
  const bytes = Buffer.from(text.slice(SEALED.length), "base64");
  const decipher = createDecipheriv("aes-256-gcm", secretOf(key), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString()) as Json;
}

function secretOf(key: string): Buffer {
  return createHash("sha256").update(`answer:${key}`).digest();
}
