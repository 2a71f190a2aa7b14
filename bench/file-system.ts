// Which file system the files lie on. Memory has no disk to wait for, so figures taken there would say
// nothing about durable steps.

import { existsSync, statfsSync } from "node:fs";

/** The kernel's numbers of file systems in common use. */
const NAMES: Readonly<Record<number, string>> = {
  0x01_02_19_94: "tmpfs",
  0x2f_c1_2f_c1: "zfs",
  0x58_46_53_42: "xfs",
  0x69_69: "nfs",
  0x79_4c_76_30: "overlay",
  0x85_84_58_f6: "ramfs",
  0x91_23_68_3e: "btrfs",
  0xef_53: "ext4",
  0xf2_f5_20_10: "f2fs",
};

const IN_MEMORY: ReadonlySet<string> = new Set(["tmpfs", "ramfs"]);

export interface FileSystem {
  readonly name: string;
  readonly inMemory: boolean;
}

/** The file system of a folder; undefined when there is no such folder. */
export function fileSystemOf(folder: string): FileSystem | undefined {
  if (!existsSync(folder)) return undefined;
  const { type } = statfsSync(folder);
  // Only Linux gives the numbers above; elsewhere they mean something else.
  const known = process.platform === "linux" ? NAMES[type] : undefined;
  const name = known ?? `type 0x${type.toString(16)}`;
  return { name, inMemory: IN_MEMORY.has(name) };
}
