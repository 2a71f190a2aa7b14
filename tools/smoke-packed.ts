// `npm run smoke [-- --pack DIR]`: installs the packed tarballs into an empty folder, as a user would, weighs
// them, and runs there what the README says.

import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { BUDGETS, inMb, overBudget } from "./pack/budget.ts";
import {
  installTarballs,
  installedPackages,
  publishedPackages,
  tarballsOf,
  totalBytes,
  userEnvironment,
} from "./pack/install.ts";
import { LOADS, unexpectedLoads } from "./pack/loads.ts";
import { type Ended, runCommand } from "./smoke/command.ts";

/** Longest time for one command; `holdfast dev` is asked to end far sooner. */
const LIMIT_MS = 120_000;

/** Entries that start a program when they are imported: the bin does that below. */
const PROGRAMS = new Set(["./cli", "./bin"]);

const root = resolve(import.meta.dirname, "..");
const { values } = parseArgs({ options: { pack: { type: "string", default: "pack" } } });
const packed = resolve(root, values.pack);
const tarballs = globSync("*.tgz", { cwd: packed }).map((name) => join(packed, name));
if (tarballs.length === 0) {
  console.error(`Cannot find a tarball in ${values.pack}: run "npm run pack" first`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "holdfast-smoke-"));
const env = userEnvironment();
try {
  weigh();
  installTarballs(folder, tarballs);
  console.log(`ok install ${tarballs.length} tarballs`);
  await importAll();
  checkLoads();
  await useBeside();
  await useBin();
  await useInit();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What a user installs, all of it or the engine alone, keeps to its budget. */
function weigh(): void {
  for (const budget of BUDGETS) {
    const home = join(folder, budget.name);
    installTarballs(home, tarballsOf(budget.package, packed));
    const installed = installedPackages(home);
    const over = overBudget(budget, installed);
    if (over !== undefined) throw new Error(over);
    const weight = `${inMb(totalBytes(installed))} of ${inMb(budget.bytesMax)}`;
    console.log(`ok ${budget.name}: ${installed.length} packages, ${weight}`);
    rmSync(home, { recursive: true });
  }
}

/** Every entry of every package loads, and leaves nothing running. */
async function importAll(): Promise<void> {
  const entries = publishedPackages().flatMap(({ name, exports }) =>
    Object.keys(exports ?? {})
      .filter((entry) => !PROGRAMS.has(entry))
      .map((entry) => join(name, entry).replaceAll("\\", "/")),
  );
  const lines = entries.map((entry) => `await import(${JSON.stringify(entry)});\n`);
  writeFileSync(join(folder, "import-all.mjs"), lines.join(""));
  await expectSuccess("node import-all.mjs");
}

/** A bundle must not load more than the sources do. */
function checkLoads(): void {
  for (const [name, loads] of Object.entries(LOADS)) {
    const found = unexpectedLoads(loads, folder);
    if (found.length > 0) throw new Error(`"${name}" loads too much: ${found.join(", ")}`);
    console.log(`ok ${name} loads what it may`);
  }
}

/** What lies beside a bundle is found: the program of threads, and the pages and modules that the venue serves. */
async function useBeside(): Promise<void> {
  copyFileSync(join(root, "test/packed/beside.mjs"), join(folder, "beside.mjs"));
  await expectSuccess("node beside.mjs");
}

async function useBin(): Promise<void> {
  await expectSuccess("npx --no-install holdfast --help");
  await expectSuccess("npx --no-install holdfast dev --for 10s");
  await useReadme();
  await useStack();
}

/** A stack names the source, though the packed files are joined ones. */
async function useStack(): Promise<void> {
  const line = "npx --no-install holdfast check --config none.ts";
  const options = { cwd: folder, env: { ...env, HOLDFAST_DEBUG: "1" }, limitMs: LIMIT_MS };
  const { output } = await runCommand(line, options);
  if (!/src\/config\/load\.ts:\d+/u.test(output)) {
    throw new Error(`"HOLDFAST_DEBUG=1 ${line}" does not name a source:\n${output}`);
  }
  console.log("ok a stack names sources");
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
