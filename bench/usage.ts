// What the command lines of the benchmarks have in common: the error of one that cannot be followed, the
// number of runs, the place to measure in, and the machine.

import { cpus } from "node:os";
import { fileSystemOf } from "./file-system.ts";

/** A command line that cannot be followed. */
export class UsageError extends Error {}

/** The number of runs that was asked for. Throws UsageError. */
export function readRuns(text: string | undefined, standard: number): number {
  if (text === undefined) return standard;
  const runs = Number(text);
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new UsageError(`--runs takes a whole number from 1, not "${text}".`);
  return runs;
}

/** The name of the folder's file system; refuses a place where figures would mean nothing. */
export function placeOf(folder: string, quick: boolean): string {
  const system = fileSystemOf(folder);
  if (system === undefined) throw new UsageError(`There is no folder ${folder}.`);
  if (system.inMemory && !quick)
    throw new UsageError(
      `The folder ${folder} lies in memory (${system.name}). Name one on a disk with --folder.`,
    );
  return system.name;
}

/** The processors of the machine. */
export function machine(): string {
  const processors = cpus();
  return `${processors.length} × ${processors[0]?.model.trim() ?? "unknown processor"}`;
}
