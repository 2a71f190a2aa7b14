// `fair` as a user runs it: proofs from a file, from the standard input and from options, and its exit codes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

const proof = {
  game: "crash",
  params: { auto_cashout: 1.1 },
  server_seed: "holdfast-server-seed-0001",
  server_seed_hash: "9ea7bf9b7d5bb1c464841892f6655b8904856e05dc3bf33dcad86b98d9997431",
  client_seed: "holdfast-client",
  nonce: 0,
  outcome: "win",
  result: "1.19",
  amount_micros: "1000000",
  payout_micros: "1100000",
};

const bet = [
  "--server-seed",
  proof.server_seed,
  "--client-seed",
  proof.client_seed,
  "--nonce",
  "0",
];

async function fair(
  args: readonly string[],
  input = "",
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [MAIN, "fair", ...args]);
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number]>,
  ]);
  return { code, stdout, stderr };
}

describe("holdfast fair verify", () => {
  test("agrees with a proof from the standard input, and ends with 0", async () => {
    const { code, stdout, stderr } = await fair(["verify"], JSON.stringify(proof));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^crash, cash-out 1\.1, client seed holdfast-client, nonce 0$/mu);
    assert.match(stdout, /^drawn 1\.19: win$/mu);
    assert.match(stdout, /^payout +1100000 +1100000 +yes$/mu);
    assert.match(stdout, /^It agrees\.$/mu);
  });

  test("says what of a file's proof does not agree, and ends with 1", async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-fair-"));
    try {
      const file = join(folder, "proof.json");
      writeFileSync(file, JSON.stringify({ ...proof, server_seed_hash: "0".repeat(64) }));
      const { code, stdout } = await fair(["verify", file]);
      assert.equal(code, 1);
      assert.match(stdout, /^server seed hash +0{64} +9ea7\w+ +NO$/mu);
      assert.match(stdout, /^It does NOT agree\.$/mu);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("takes every game from options", async () => {
    const games = [
      [["--game", "crash", "--cash-out", "1.5", "--result", "1.19", "--outcome", "loss"], 0],
      [["--game", "crash", "--cash-out", "1.1", "--amount", "1.00", "--payout", "1.10"], 0],
      [["--game", "crash", "--cash-out", "1.1", "--amount", "1.00", "--payout", "1.11"], 1],
      [["--game", "dice", "--target", "50", "--under", "--result", "16.83"], 0],
      [["--game", "dice", "--target", "50", "--over", "--outcome", "win"], 1],
      [["--game", "coinflip", "--side", "heads", "--pays", "house", "--result", "heads"], 0],
      [["--game", "slots"], 0],
    ] as const;
    for (const [options, wanted] of games) {
      const { code, stdout, stderr } = await fair(["verify", ...options, ...bet, "--json"]);
      assert.equal(code, wanted, stdout + stderr);
      assert.equal((JSON.parse(stdout) as { readonly agrees: boolean }).agrees, wanted === 0);
    }
  });

  test("ends with 2 where nothing can be checked, and says why", async () => {
    const hidden = JSON.stringify({ ...proof, server_seed: null });
    const wrong = [
      [["verify"], "", /standard input cannot be read as JSON/u],
      [["verify"], hidden, /not revealed yet/u],
      [["verify", "--game", "dice", "--target", "50", ...bet], "", /over: expected true or false/u],
      [["verify", "--game", "crash", "--cash-out", "1", ...bet], "", /cash-out is from 1\.01/u],
    ] as const;
    for (const [args, input, says] of wrong) {
      const { code, stderr } = await fair(args, input);
      assert.equal(code, 2);
      assert.match(stderr, says);
      assert.match(stderr, /HF-PROOF-INVALID/u);
    }
  });
});

test("holdfast fair rtp shows what each game returns, and as JSON exactly", async () => {
  const { code, stdout } = await fair(["rtp"]);
  assert.equal(code, 0);
  assert.match(stdout, /^crash, cash-out 1\.5 +0\.660000 +1\.5 +0\.990000 +-0\.0200$/mu);
  assert.match(stdout, /^dice, over 50 +0\.499900 +1\.9603 +0\.979954 /mu);
  assert.match(stdout, /^slots +0\.194733 +up to 1000 +0\.957245 /mu);
  const exact = JSON.parse((await fair(["rtp", "--json"])).stdout) as readonly {
    readonly rtp: string;
  }[];
  assert.equal(exact.at(-1)?.rtp, "31367/32768");
});
