// The examples of the client's page are run, in order, against a paper venue: each block is a part of one module.
// A new operation needs a block in the page, and nothing here.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openSandbox } from "@holdfast/sandbox";

const PAGE = new URL("../docs/venue/client.md", import.meta.url);

interface Block {
  /** The heading above it. */
  readonly heading: string;
  readonly code: string;
}

/** The TypeScript blocks of the page, but for the one that sets up. */
function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  let heading = "";
  let code: string[] | undefined;
  let isSetup = false;
  for (const line of page.split("\n")) {
    if (code === undefined) {
      if (line.startsWith("## ")) heading = line.slice(3);
      if (line === "<!-- setup -->") isSetup = true;
      if (line === "```ts") code = [];
    } else if (line === "```") {
      if (!isSetup) blocks.push({ heading, code: code.join("\n") });
      isSetup = false;
      code = undefined;
    } else code.push(line);
  }
  return blocks;
}

const blocks = blocksOf(readFileSync(PAGE, "utf8"));

/** A module that exports the block as a function of what the page says is at hand. */
function moduleOf({ code }: Block): string {
  return `import assert from "node:assert/strict";
import { usdc } from "@holdfast/core";
export async function run(client, log, other, otherId) {
void [assert, usdc, other, otherId];
${code}
}`;
}

test("each example of the client's page runs", async (context) => {
  assert.ok(blocks.length >= 8, `only ${blocks.length} blocks`);
  // Beside this file, so that its imports are found.
  const folder = mkdtempSync(join(import.meta.dirname, ".client-docs-"));
  try {
    const { createPurpleFlea } = await import("@holdfast/purpleflea");
    await using sandbox = await openSandbox({ path: ":memory:", verify: true });
    const baseUrl = sandbox.url;
    const { faucet } = createPurpleFlea({ baseUrl });
    const agent = async (name: string) => {
      const registered = await faucet.register({ name }, { key: name });
      const client = createPurpleFlea({ baseUrl, apiKey: registered.api_key });
      return { client, id: registered.agent_id };
    };
    const { client } = await agent("docs");
    const { client: other, id: otherId } = await agent("other");
    for (const [index, block] of blocks.entries()) {
      const file = join(folder, `block-${index}.ts`);
      writeFileSync(file, moduleOf(block));
      await context.test(block.heading, async () => {
        const { run } = (await import(file)) as {
          readonly run: (...given: readonly unknown[]) => Promise<void>;
        };
        await run(client, () => undefined, other, otherId);
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("each operation of the client has an example", async () => {
  const { createPurpleFlea } = await import("@holdfast/purpleflea");
  const client = createPurpleFlea({ baseUrl: "http://127.0.0.1:1" });
  const code = blocks.map((block) => block.code).join("\n");
  const missing = Object.entries(client)
    .filter(([name]) => !["profile", "calls", "records"].includes(name))
    .flatMap(([name, group]: [string, unknown]) =>
      typeof group === "function"
        ? [name]
        : Object.keys(group as object).map((method) => `${name}.${method}`),
    )
    .filter((operation) => !new RegExp(`\\b(?:client|other)\\.${operation}\\(`, "u").test(code));
  assert.deepEqual(missing, []);
});
