// The packed packages, installed as a user installs them: packed once in a call of the benchmarks, into a folder
// that is removed when it ends. One project has all of Holdfast, another one the engine alone.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { installTarballs, tarballsOf } from "../tools/pack/install.ts";

const root = resolve(import.meta.dirname, "..");

export interface Installed {
  /** A project with `holdfast`, and with the programs of `child/packed`. */
  readonly project: string;
  /** A project with the engine alone. */
  readonly engine: string;
  /** Where compiled code is kept for warm starts. */
  readonly cache: string;
}

let made: Installed | undefined;

/** Packs and installs when it is first called. */
export function installed(): Installed {
  return (made ??= install());
}

function install(): Installed {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "holdfast-installed-"));
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const [tarballs, project, engine, cache] = ["pack", "project", "engine", "cache"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  execFileSync(process.execPath, [join(root, "tools/pack.ts"), "--out", tarballs], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  installTarballs(project, tarballsOf("holdfast", tarballs));
  installTarballs(engine, tarballsOf("@holdfast/engine", tarballs));
  cpSync(join(root, "bench/child/packed"), project, { recursive: true });
  mkdirSync(cache);
  return { project, engine, cache };
}
