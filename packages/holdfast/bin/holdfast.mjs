#!/usr/bin/env node
// Starts the command line on Node 24. Where the machine's Node is older and the project has a newer one, that
// one is started with a channel to this process, and ends when this process does.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED = 24;

/** The project's own Node, beside the packages. */
function ownNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  for (const start of [process.cwd(), dirname(fileURLToPath(import.meta.url))]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const path = join(folder, "node_modules", ".bin", name);
      if (existsSync(path)) return path;
      if (dirname(folder) === folder) break;
    }
  }
  return undefined;
}

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  delete process.env.HOLDFAST_RESTARTED;
  module.enableCompileCache();
  // Stacks then name the sources that the packed files were joined from.
  if (process.env.HOLDFAST_DEBUG !== undefined) process.setSourceMapsEnabled(true);
  await import("holdfast/cli");
} else {
  const node = process.env.HOLDFAST_RESTARTED === undefined ? ownNode() : undefined;
  if (node === undefined) {
    console.error(
      `holdfast needs Node ${NEEDED} or newer; this is ${process.versions.node}. Install it from https://nodejs.org.`,
    );
    process.exitCode = 1;
  } else {
    const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      env: { ...process.env, HOLDFAST_RESTARTED: "1" },
    });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.on(signal, () => child.kill(signal));
    }
    child.on("error", (error) => {
      console.error(`Cannot start ${node}: ${error.message}.`);
      process.exitCode = 1;
    });
    child.on("exit", (code, signal) => {
      process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
    });
  }
}
