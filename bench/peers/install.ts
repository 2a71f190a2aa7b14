// The packages of the peers lie in this folder's own node_modules, so that `npm ci` at the root stays small.
// They are installed on first use, and after each change of the lock file; then the peers' programs are checked
// against their types, which the root's check cannot do without them.

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = import.meta.dirname;
const ROOT = join(FOLDER, "../..");
/** What was installed last: the lock file as it was. */
const INSTALLED = join(FOLDER, "node_modules/.installed");

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/** Installs what is not there yet, and checks the types. Throws when either fails. */
export function install(say: (line: string) => void): void {
  const lock = readFileSync(join(FOLDER, "package-lock.json"), "utf8");
  if (textOf(INSTALLED) !== lock) {
    say("Installing the packages of the peers, about 500 MB, into bench/peers/node_modules:");
    say("  npm ci --prefix bench/peers --ignore-scripts");
    execFileSync("npm", ["ci", "--prefix", FOLDER, "--ignore-scripts"], { stdio: "inherit" });
    writeFileSync(INSTALLED, lock);
  }
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules/typescript/bin/tsc"), "-b", FOLDER],
    { encoding: "utf8" },
  );
  if (status !== 0)
    throw new Error(`The programs of the peers do not fit their packages:\n${stdout}`);
}
