// Secrets lie in files of their own that only this user can read; journals, logs and pages hold references.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { HoldfastError } from "@holdfast/core";
import type { SecretStore } from "@holdfast/purpleflea";

export interface Secrets extends SecretStore {
  read(name: string): string | undefined;
}

/** Opens the secrets of a state folder. */
export function openSecrets(stateFolder: string): Secrets {
  const folder = join(stateFolder, "secrets");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    async save(name, value) {
      writeDurably(folder, fileName(name), value);
      return `secret:${name}`;
    },
    read(name) {
      try {
        return readFileSync(join(folder, fileName(name)), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
  };
}

/** Writes a file that is either the old one or the new one after a crash, never a part. */
export function writeDurably(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  const temporary = `${path}.new`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const directory = openSync(folder, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function fileName(name: string): string {
  const file = name.replaceAll("/", "__");
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/u.test(file)) {
    throw new HoldfastError(
      "HF-SECRET-NAME",
      `Cannot keep a secret under ${JSON.stringify(name)}: use letters, digits, ".", "_", "-" and "/".`,
    );
  }
  return file;
}
