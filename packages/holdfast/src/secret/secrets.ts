// The secrets of a state folder: each in a file of its own that only this user can read. Journals, logs and
// pages hold references; nothing here ever lists or prints a value.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HoldfastError } from "@holdfast/core";
import type { SecretStore } from "@holdfast/purpleflea";
import { diskFailure, makePrivate, writeDurably } from "./durable-file.ts";

export interface Secrets extends SecretStore {
  /** Undefined where there is none of this name. */
  read(name: string): string | undefined;
}

/** Opens the secrets of a state folder. @throws HF-STATE-READONLY, HF-STATE-FULL, HF-STATE-UNUSABLE */
export function openSecrets(stateFolder: string): Secrets {
  const folder = join(stateFolder, "secrets");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    makePrivate(folder);
  } catch (error) {
    throw diskFailure(error, folder);
  }
  return {
    async save(name, value) {
      writeDurably(folder, fileName(name), value);
      return `secret:${name}`;
    },
    read(name) {
      try {
        // Written by hand, a file often ends with a line break that is no part of the secret.
        return readFileSync(join(folder, fileName(name)), "utf8").trim();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
  };
}

/** @throws HF-SECRET-NAME */
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
