// Writes small files that only this user can read, so that after a crash there is the old one or the new one
// and never a part; and says in words what a disk refuses.

import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { HoldfastError } from "@holdfast/core";

/**
 * Writes a file of the folder: on disk when it returns, mode 0600.
 *
 * @throws HF-STATE-FULL, HF-STATE-READONLY, HF-STATE-UNUSABLE
 */
export function writeDurably(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  const temporary = `${path}.new`;
  try {
    // One that a crash left behind may have other rights.
    rmSync(temporary, { force: true });
    const file = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(folder);
  } catch (error) {
    discard(temporary);
    throw diskFailure(error, path);
  }
}

/** Half a file is of no use to anybody, and may be half a secret. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What cannot be written cannot always be removed; the first error says why.
  }
}

/** Closes a folder to everybody but this user. */
export function makePrivate(folder: string): void {
  if (process.platform !== "win32") chmodSync(folder, 0o700);
}

/** A new name in a folder is on disk when the folder is. Windows knows no such thing. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const CODES: Readonly<Record<string, readonly [code: string, advice: string]>> = {
  ENOSPC: ["HF-STATE-FULL", "The disk is full. Free some space; nothing acknowledged was lost."],
  EDQUOT: [
    "HF-STATE-FULL",
    "The quota is used up. Free some space; nothing acknowledged was lost.",
  ],
  EROFS: ["HF-STATE-READONLY", "The file system is read-only. Name another folder with --state."],
  EACCES: [
    "HF-STATE-READONLY",
    "The folder must be writable by this user; or name another with --state.",
  ],
  EPERM: [
    "HF-STATE-READONLY",
    "The folder must be writable by this user; or name another with --state.",
  ],
};

/** Errors of SQLite that are the disk's. */
const SQLITE_CODES: Readonly<Record<number, string>> = { 8: "EROFS", 13: "ENOSPC", 14: "EACCES" };

/** What a file system refused, with a code and a way out. */
export function diskFailure(error: unknown, path: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const [code, advice] = CODES[systemCodeOf(error) ?? ""] ?? [
    "HF-STATE-UNUSABLE",
    "The state folder must be a folder that this user may write; name another with --state.",
  ];
  return new HoldfastError(code, `Cannot write ${path}: ${message}. ${advice}`, {
    class: code === "HF-STATE-FULL" ? "resource" : "state",
    // A retried call finds the disk mended one day; nothing depends on this write having failed.
    disposition: "retry",
    details: { path },
  });
}

function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("errcode" in error && typeof error.errcode === "number") {
    return SQLITE_CODES[error.errcode & 0xff];
  }
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}
