// `npm run pack [-- --out DIR]`: builds every package under `packages`, joins its modules into few files, and packs
// each into a tarball, from a staged folder that holds nothing but what is published. The repository's own manifests point at sources
// and are never touched.

import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "./pack/bundle.ts";
import { publishedFiles, withoutMap } from "./pack/files.ts";
import { type Manifest, publishedManifest } from "./pack/manifest.ts";

const root = resolve(import.meta.dirname, "..");
const { values } = parseArgs({ options: { out: { type: "string", default: "pack" } } });
const out = resolve(root, values.out);

/** Pages of the documentation that a package may carry. */
const PAGES = "docs/reference/errors";

const folders = globSync("packages/*/package.json", { cwd: root })
  .map(dirname)
  .filter((folder) => readManifest(folder)["private"] !== true)
  .sort();
const manifests = new Map(folders.map((folder) => [folder, readManifest(folder)]));
const versions = new Map([...manifests.values()].map(({ name, version }) => [name, version]));

build();
mkdirSync(out, { recursive: true });
// Only what an earlier run wrote: the folder may be anyone's.
for (const name of globSync("{create-,}holdfast-*.tgz", { cwd: out })) rmSync(join(out, name));
const staging = mkdtempSync(join(tmpdir(), "holdfast-pack-"));
try {
  for (const [folder, manifest] of manifests) {
    const stage = join(staging, folder);
    stagePackage(folder, manifest, stage);
    await bundle(join(root, folder), manifest, join(stage, "dist"));
    console.log(join(values.out, npmPack(stage)));
  }
} finally {
  rmSync(staging, { recursive: true, force: true });
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
}

function build(): void {
  const bin = join(root, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` };
  const built = folders.filter((folder) => existsSync(join(root, folder, "tsconfig.json")));
  // Forced, because a file that was deleted by hand from dist would not be noticed.
  const args = ["-b", "--force", ...built];
  if (spawnSync("tsc", args, { cwd: root, env, stdio: "inherit" }).status === 0) return;
  console.error("Cannot pack: the sources do not compile");
  process.exit(1);
}

function stagePackage(folder: string, manifest: Manifest, stage: string): void {
  const home = join(root, folder);
  const paths = globSync(["src/**/*.*", "bin/*", "template/**/*", "*.md"], { cwd: home })
    .filter((path) => statSync(join(home, path)).isFile())
    .map((path) => path.replaceAll("\\", "/"));
  for (const [to, from] of publishedFiles(manifest.name, paths)) {
    mkdirSync(dirname(join(stage, to)), { recursive: true });
    if (/^dist\/.*\.(?:js|d\.ts)$/.test(from)) {
      writeFileSync(join(stage, to), withoutMap(readFileSync(join(home, from), "utf8")));
    } else {
      cpSync(join(home, from), join(stage, to));
    }
  }
  mkdirSync(stage, { recursive: true });
  // The pages that its errors name.
  if (manifest.files?.includes(PAGES))
    cpSync(join(root, PAGES), join(stage, PAGES), { recursive: true });
  cpSync(join(root, "LICENSE"), join(stage, "LICENSE"));
  const text = `${JSON.stringify(publishedManifest(manifest, versions), null, 2)}\n`;
  writeFileSync(join(stage, "package.json"), text);
}

/** The name of the tarball that npm wrote. */
function npmPack(stage: string): string {
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", out];
  const shell = process.platform === "win32";
  return execFileSync("npm", args, { cwd: stage, encoding: "utf8", shell }).trim();
}
