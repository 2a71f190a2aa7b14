// `npm run services -- NAME… [--yes] [-- COMMAND…]`: real servers for the tests that need one. Installs what is
// missing, after asking; starts it on loopback with its data in a temporary folder; prints what the tests read,
// and stops it on Ctrl-C. With a command, runs that instead of waiting, and ends with its exit code. Where it is
// `--steered` it takes lines instead: "kill NAME", "halt NAME", "resume NAME"; its input's end stops it.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface as createLines } from "node:readline";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { postgres } from "./services/postgres.ts";
import type { Running, Service } from "./services/service.ts";
import { temporal } from "./services/temporal.ts";

const SERVICES: ReadonlyMap<string, Service> = new Map(
  [postgres, temporal].map((service) => [service.name, service]),
);
const USAGE = `npm run services -- ${[...SERVICES.keys()].join("|")}… [--yes] [--steered | -- COMMAND…]`;

const args = process.argv.slice(2);
const split = args.indexOf("--");
const command = split === -1 ? [] : args.slice(split + 1);
process.exitCode = await main(split === -1 ? args : args.slice(0, split));

async function main(given: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...given],
    options: { yes: { type: "boolean" }, steered: { type: "boolean" } },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !SERVICES.has(name));
  if (positionals.length === 0 || unknown !== undefined) {
    console.error(unknown === undefined ? USAGE : `Cannot start "${unknown}". ${USAGE}`);
    return 2;
  }
  const interrupted = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
  });
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "holdfast-services-"));
  stack.defer(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const variables: Record<string, string> = {};
  const ends: Promise<string>[] = [];
  const started = new Map<string, Running>();
  for (const name of new Set(positionals)) {
    const service = SERVICES.get(name);
    if (service === undefined) continue;
    const program = await ensure(service, values.yes ?? false);
    if (program === undefined) return 1;
    const begun = performance.now();
    const own = mkdtempSync(join(folder, `${name}-`));
    const running = stack.use(await service.start(program, { folder: own }));
    console.error(`${name}: ready after ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
    Object.assign(variables, running.variables);
    started.set(name, running);
    ends.push(running.ended.then((how) => `${name}: ${how}`));
  }
  // The servers are stopped when this has ended, not before.
  if (values.steered === true) return await steer(variables, interrupted, started);
  if (command.length === 0) return await wait(variables, interrupted, ends);
  return await run(variables, interrupted, ends);
}

async function ensure(service: Service, yes: boolean): Promise<string | undefined> {
  const found = await service.find();
  if (found !== undefined) return found;
  const { command: install, env, cost } = service.install;
  const [program, ...rest] = install;
  console.error(`${service.name} is not installed. ${install.join(" ")}\n(${cost})`);
  if (!yes && !(await agreed())) {
    console.error(`Cannot start ${service.name}: it is not installed.`);
    return undefined;
  }
  const { status, error } = spawnSync(program, rest, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
  if (error !== undefined) console.error(`There is no ${program} on the path: install it first.`);
  const installed = status === 0 ? await service.find() : undefined;
  if (installed === undefined) console.error(`Cannot install ${service.name}.`);
  return installed;
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question("Install it? [y/N] ");
  asking.close();
  return /^y(es)?$/iu.test(answer.trim());
}

async function wait(
  variables: Readonly<Record<string, string>>,
  interrupted: Promise<string>,
  ends: readonly Promise<string>[],
): Promise<number> {
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${value}`);
  const end = await Promise.race([interrupted.then(() => undefined), ...ends]);
  if (end === undefined) return 0;
  console.error(end);
  return 1;
}

/** Does what the lines of the input say, one after the other, and says so. */
async function steer(
  variables: Readonly<Record<string, string>>,
  interrupted: Promise<string>,
  started: ReadonlyMap<string, Running>,
): Promise<number> {
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${value}`);
  const lines = createLines({ input: process.stdin });
  void interrupted.then(() => {
    lines.close();
  });
  for await (const line of lines) {
    const [word, name = ""] = line.trim().split(" ");
    const running = started.get(name);
    if (running === undefined) throw new Error(`Cannot ${line}: no such server runs here.`);
    if (word === "kill") await running.halt("SIGKILL");
    else if (word === "halt") await running.halt("in order");
    else if (word === "resume") await running.resume();
    else throw new Error(`Cannot ${line}: say kill, halt or resume.`);
    console.log(`done ${line.trim()}`);
  }
  return 0;
}

async function run(
  variables: Readonly<Record<string, string>>,
  interrupted: Promise<NodeJS.Signals>,
  ends: readonly Promise<string>[],
): Promise<number> {
  const [program = "", ...rest] = command;
  const child = spawn(program, rest, {
    stdio: "inherit",
    env: { ...process.env, ...variables },
  });
  void interrupted.then((signal) => child.kill(signal));
  for (const end of ends) void end.then((how) => console.error(how));
  const failed = once(child, "error").then(([error]) => {
    console.error(`Cannot run ${program}: ${String(error)}`);
    return [127, null] as const;
  });
  const [code, signal] = (await Promise.race([once(child, "exit"), failed])) as [
    number | null,
    NodeJS.Signals | null,
  ];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
