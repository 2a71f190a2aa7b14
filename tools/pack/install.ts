// Installs packed packages as a user would: npm, a folder of its own, and nothing of the repository on the
// path. Says which tarballs a package needs, and how many bytes each installed package has.

import { execFileSync } from "node:child_process";
import {
  globSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Manifest } from "./manifest.ts";

const root = resolve(import.meta.dirname, "../..");

/** What the repository publishes. */
export function publishedPackages(): readonly Manifest[] {
  return globSync("packages/*/package.json", { cwd: root })
    .sort()
    .map((path) => JSON.parse(readFileSync(join(root, path), "utf8")) as Manifest)
    .filter((manifest) => manifest["private"] !== true);
}

/** The tarball of a package and those of our packages that it needs, of a folder of tarballs. */
export function tarballsOf(name: string, folder: string): readonly string[] {
  const all = new Map(publishedPackages().map((manifest) => [manifest.name, manifest]));
  const needed = new Set([name]);
  for (const next of needed) {
    const { dependencies = {} } = all.get(next) ?? unknown(next);
    for (const dependency of Object.keys(dependencies)) {
      if (all.has(dependency)) needed.add(dependency);
    }
  }
  return [...needed].map((it) => {
    const { version } = all.get(it) ?? unknown(it);
    return join(folder, `${it.replace("@", "").replace("/", "-")}-${version}.tgz`);
  });
}

function unknown(name: string): never {
  throw new Error(`Cannot install "${name}": the repository publishes no such package`);
}

/** A user's environment: this Node first, and nothing of the repository or of npm's own settings. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((it) => !it.startsWith(root));
  const rest = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
  const PATH = [dirname(process.execPath), ...path].join(delimiter);
  return { ...Object.fromEntries(rest), PATH };
}

/** Makes a project in a folder and installs tarballs into it. */
export function installTarballs(folder: string, tarballs: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: "installed", private: true, type: "module" };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const args = ["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
  execFileSync("npm", [...args, ...tarballs], {
    cwd: folder,
    env: userEnvironment(),
    stdio: "inherit",
    shell: process.platform === "win32",
  });
}

/** An installed package and the bytes of its files. */
export interface InstalledPackage {
  readonly name: string;
  readonly bytes: number;
}

/** What lies in a project's `node_modules`, the largest first. */
export function installedPackages(folder: string): readonly InstalledPackage[] {
  const home = join(realpathSync(folder), "node_modules");
  return globSync("{*,@*/*}/package.json", { cwd: home })
    .map((path) => dirname(path).replaceAll("\\", "/"))
    .map((name) => ({ name, bytes: bytesOf(join(home, name)) }))
    .sort((a, b) => b.bytes - a.bytes);
}

/** Links count nothing, and are not followed: what they name lies elsewhere. */
function bytesOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += bytesOf(path);
    else if (entry.isFile()) bytes += statSync(path).size;
  }
  return bytes;
}

export function totalBytes(packages: readonly InstalledPackage[]): number {
  return packages.reduce((total, { bytes }) => total + bytes, 0);
}
