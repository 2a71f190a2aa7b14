// The audit log is a chain: each row's hash covers the row before it, so that a row that was changed, removed or
// moved is found. Pure.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What was done: "resolve done", "guard denied", "mode on". */
  readonly action: string;
  /** Who: a person, or "guard". */
  readonly actor: string;
  readonly reason: string;
  /** What it was done to: a key, a run's id, a scope. */
  readonly subject: string;
  /** More of it, as JSON; empty where there is none. */
  readonly detail: string;
}

export interface AuditRow extends AuditEntry {
  /** From 1, without a gap. */
  readonly position: number;
  /** Hexadecimal SHA-256 over the hash before it and this row. */
  readonly hash: string;
}

/** What the first row's hash covers in place of another's. */
export const AUDIT_ROOT: string = "0".repeat(64);

/** The hash of a row that stands behind one with `previous`. Fields are told apart by their lengths. */
export function auditHash(previous: string, position: number, entry: AuditEntry): string {
  const { at, action, actor, reason, subject, detail } = entry;
  const text = JSON.stringify([previous, position, at, action, actor, reason, subject, detail]);
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Where a chain is broken; nothing where it is whole. */
export type AuditFault =
  | { readonly kind: "changed"; readonly position: number }
  | { readonly kind: "missing"; readonly position: number }
  /** Rows at the end are gone: the head says that there were more, or others. */
  | { readonly kind: "cut"; readonly position: number };

export interface AuditHead {
  readonly position: number;
  readonly hash: string;
}

/** Goes along a chain, row by row. */
export class AuditChain {
  #position = 0;
  #hash = AUDIT_ROOT;

  get head(): AuditHead {
    return { position: this.#position, hash: this.#hash };
  }

  /** The first fault, if this row shows one. */
  next(row: AuditRow): AuditFault | undefined {
    const position = this.#position + 1;
    if (row.position !== position) return { kind: "missing", position };
    if (row.hash !== auditHash(this.#hash, position, row)) return { kind: "changed", position };
    this.#position = position;
    this.#hash = row.hash;
    return undefined;
  }

  /** Compares the last row with what is known of the end. */
  end(head: AuditHead): AuditFault | undefined {
    if (head.position === this.#position && head.hash === this.#hash) return undefined;
    return { kind: "cut", position: Math.min(this.#position, head.position) + 1 };
  }
}
