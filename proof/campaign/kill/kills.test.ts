// A small campaign as a process, with a real engine process that is ended by kill -9: it is clean, comes to its end,
// and keeps the text of the page that it writes into.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { BEGIN, END } from "../report.ts";

const ENTRY = fileURLToPath(new URL("../../campaign.ts", import.meta.url));

test("a campaign with kills ends clean, and writes its figures into the page", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-campaign-"));
  const page = join(folder, "page.md");
  writeFileSync(page, `# Ours\n\n${BEGIN}\n${END}\n\nStays.\n`);
  try {
    const sizes = ["--effects", "140", "--crashes", "4", "--kills", "1", "--jobs", "1"];
    const args = [ENTRY, ...sizes, "--no-patterns", "--report", page];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 0, output);
    assert.match(output, /^140 decisions, 140 effects .* 0 doubled, 0 lost, 0 foreign, 0 left/u);
    assert.match(output, /4 crashes of the engine, .* 1 processes killed/u);
    const written = readFileSync(page, "utf8");
    assert.ok(written.startsWith("# Ours\n") && written.endsWith("\n\nStays.\n"));
    assert.match(written, /\| 140 +\| 140 +\| 0 +\| 0 +\| 0 +\| 0 +\|/u);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
