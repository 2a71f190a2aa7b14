// The live view on a real terminal, which the system's `script` provides: drawn again and again, and the
// terminal given back as it was.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { TestProject, plan } from "../fixture/project.ts";

const BIN = fileURLToPath(new URL("../../bin/holdfast.mjs", import.meta.url));
/** Runs a command on a terminal of its own. */
const SCRIPT = "script";
const found = spawnSync(SCRIPT, ["--version"], { encoding: "utf8" });
const hasScript = found.error === undefined && found.stdout.includes("util-linux");
const skip = hasScript ? false : "no script of util-linux here";

async function onTerminal(
  project: TestProject,
  size: string,
  args: string,
): Promise<{ readonly code: number | null; readonly text: string }> {
  const command = `stty ${size}; exec ${process.execPath} ${BIN} ${args}`;
  const child = spawn(SCRIPT, ["-qec", command, "/dev/null"], {
    cwd: project.folder.path,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TERM: "xterm" },
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, text };
}

test("dev on a terminal draws a view and gives the terminal back", { skip }, async () => {
  using project = new TestProject(`fleet: [${plan(100)}]`);
  const { code, text } = await onTerminal(project, "rows 30 cols 100", "dev --for 3s");
  assert.equal(code, 0, text);
  // oxlint-disable-next-line no-control-regex
  const [before = "", shown = "", after = ""] = text.split(/\u001b\[\?1049[hl]/u);
  assert.match(before, /^audit http/mu);
  assert.match(shown, /BTC-PERP/u);
  assert.match(shown, /dca\/1/u);
  assert.ok(shown.split("\u001b[H").length > 4, "drawn a few times");
  // The cursor is hidden within, and shown before the screen is left.
  assert.ok(shown.startsWith("\u001b[?25l") && shown.endsWith("\u001b[?25h"));
  assert.match(after, /Stopped\.[^]*0 twice\.[^]*audit, while it runs: http/u);
});

test("dev on the smallest terminal goes on", { skip }, async () => {
  using project = new TestProject(`fleet: [${plan(100)}]`);
  const { code, text } = await onTerminal(project, "rows 3 cols 12", "dev --for 2s");
  assert.equal(code, 0, text);
});
