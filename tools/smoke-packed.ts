// `npm run smoke [-- --pack DIR]`: installs the packed tarballs into an empty folder, as a user would, and
// runs there what the README says. What does not exist yet is named as skipped, never passed over in silence.

import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Ended, runCommand } from "./smoke/command.ts";

/** Longest time for one command; `holdfast dev` is asked to end far sooner. */
const LIMIT_MS = 120_000;

/** Entries that start a program when they are imported: the bin does that below. */
const PROGRAMS = new Set(["./cli", "./bin"]);

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly bin?: unknown;
  readonly exports?: Readonly<Record<string, string>>;
}

const root = resolve(import.meta.dirname, "..");
const { values } = parseArgs({ options: { pack: { type: "string", default: "pack" } } });
const tarballs = globSync("*.tgz", { cwd: resolve(root, values.pack) }).map((name) =>
  resolve(root, values.pack, name),
);
if (tarballs.length === 0) {
  console.error(`Cannot find a tarball in ${values.pack}: run "npm run pack" first`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "holdfast-smoke-"));
const env = environment();
try {
  install();
  await importAll();
  await useBin();
  await useInit();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A user's: this Node first, and nothing of the repository on the path. */
function environment(): NodeJS.ProcessEnv {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((it) => !it.startsWith(root));
  const npm = Object.keys(process.env).filter((name) => name.startsWith("npm_"));
  const rest = Object.entries(process.env).filter(([name]) => !npm.includes(name));
  const PATH = [dirname(process.execPath), ...path].join(delimiter);
  return { ...Object.fromEntries(rest), PATH };
}

function install(): void {
  const manifest = { name: "smoke", private: true, type: "module" };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const args = ["install", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs];
  execFileSync("npm", args, { cwd: folder, env, stdio: "inherit" });
  console.log(`ok install ${tarballs.length} tarballs`);
}

/** Every entry of every package loads, and leaves nothing running. */
async function importAll(): Promise<void> {
  const paths = globSync("packages/*/package.json", { cwd: root });
  const manifests = paths.map(
    (path) => JSON.parse(readFileSync(join(root, path), "utf8")) as Manifest,
  );
  const published = manifests.filter((manifest) => manifest.private !== true);
  const entries = published.flatMap(({ name, exports }) =>
    Object.keys(exports ?? {})
      .filter((entry) => !PROGRAMS.has(entry))
      .map((entry) => join(name, entry).replaceAll("\\", "/")),
  );
  const lines = entries.map((entry) => `await import(${JSON.stringify(entry)});\n`);
  writeFileSync(join(folder, "import-all.mjs"), lines.join(""));
  await expectSuccess("node import-all.mjs");
}

async function useBin(): Promise<void> {
  const text = readFileSync(join(root, "packages/holdfast/package.json"), "utf8");
  if ((JSON.parse(text) as Manifest).bin === undefined) {
    console.log("SKIPPED: npx holdfast (the package has no bin)");
    return;
  }
  await expectSuccess("npx --no-install holdfast --help");
  await expectSuccess("npx --no-install holdfast dev --for 10s");
  await useReadme();
}

/** The README's agent, copied out of it, runs where nothing but the packages is installed. */
async function useReadme(): Promise<void> {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const agent = /```ts\n([^]*?)```/u.exec(readme)?.[1];
  if (agent === undefined) throw new Error("The README shows no agent");
  writeFileSync(join(folder, "holdfast.config.ts"), agent);
  const { output } = await expectSuccess("npx --no-install holdfast dev --state own --for 6s");
  if (output.includes("dip-btc")) return;
  throw new Error(`The README's agent did not run:\n${output}`);
}

/** A project that `npm create holdfast` makes is installed, tested, checked and started as its README says. */
async function useInit(): Promise<void> {
  await expectSuccess("npx --no-install create-holdfast my-agent");
  const cwd = join(folder, "my-agent");
  const packed = tarballs.filter((path) => !basename(path).startsWith("create-"));
  await expectSuccess(
    `npm install --no-save ${packed.map((it) => JSON.stringify(it)).join(" ")}`,
    cwd,
  );
  await expectSuccess("npm test", cwd);
  await expectSuccess("npm run check", cwd);
  const { output } = await expectSuccess("npm start -- --for 5s", cwd);
  if (output.includes("weekly-btc/0")) return;
  throw new Error(`The new project's agent did not run:\n${output}`);
}

async function expectSuccess(line: string, cwd = folder): Promise<Ended> {
  const began = performance.now();
  const ended = await runCommand(line, { cwd, env, limitMs: LIMIT_MS });
  if (ended.code !== 0) {
    const how = ended.code === undefined ? `did not end in ${LIMIT_MS} ms` : `exit ${ended.code}`;
    throw new Error(`Cannot run "${line}" where it was installed: ${how}\n${ended.output}`);
  }
  console.log(`ok ${line} (${((performance.now() - began) / 1_000).toFixed(1)} s)`);
  return ended;
}
