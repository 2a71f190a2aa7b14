// The state folder: journal, paper venue, secrets, ports, and the address of the running process. Nobody but
// this user may look into it.

import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { diskFailure, makePrivate, writeDurably } from "../secret/durable-file.ts";

/** Where the other commands find the running process. Readable by this user only: it holds the token. */
export const ControlFile = z.object({ pid: z.number(), url: z.string(), token: z.string() });
export type ControlFile = z.infer<typeof ControlFile>;

/** Addresses of the paper venue, the same again after a restart. */
export const Ports = z.object({
  venue: z.number(),
  venueControl: z.number(),
  venueToken: z.string(),
});
export type Ports = z.infer<typeof Ports>;

/** Scopes of halts with which everything is to be closed. */
const Wishes = z.object({ scopes: z.array(z.string()) });

export interface StateFolder {
  readonly path: string;
  readonly journal: string;
  readonly venue: string;
  readPorts(): Ports | undefined;
  writePorts(ports: Ports): void;
  readControl(): ControlFile | undefined;
  writeControl(control: ControlFile): void;
  removeControl(): void;
  /** Scopes whose halt is to close everything. */
  readWishes(): readonly string[];
  writeWishes(scopes: readonly string[]): void;
}

/**
 * Makes the folder where there is none, and makes sure that it can be written.
 *
 * @throws HF-STATE-READONLY, HF-STATE-FULL, HF-STATE-UNUSABLE
 */
export function openStateFolder(path: string): StateFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    makePrivate(path);
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw diskFailure(error, path);
  }
  // Root may write anywhere by its rights, and yet not on a file system that is mounted read-only.
  writeDurably(path, ".probe", "ok");
  rmSync(join(path, ".probe"), { force: true });
  return stateFolder(path);
}

/** The folder as the other commands see it: they only read. */
export function stateFolder(path: string): StateFolder {
  const control = join(path, "control.json");
  const ports = join(path, "ports.json");
  const wishes = join(path, "close-all.json");
  return {
    path,
    journal: join(path, "journal.sqlite"),
    venue: join(path, "venue.sqlite"),
    readPorts: () => read(ports, Ports),
    writePorts(value) {
      writeDurably(path, "ports.json", JSON.stringify(value));
    },
    readControl: () => read(control, ControlFile),
    writeControl(value) {
      writeDurably(path, "control.json", JSON.stringify(value));
    },
    removeControl() {
      rmSync(control, { force: true });
    },
    readWishes: () => read(wishes, Wishes)?.scopes ?? [],
    writeWishes(scopes) {
      writeDurably(path, "close-all.json", JSON.stringify({ scopes }));
    },
  };
}

function read<Value>(path: string, schema: z.ZodType<Value>): Value | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}
