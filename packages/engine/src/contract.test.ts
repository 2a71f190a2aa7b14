// The embedded engine under the contract: hot, evicted after every activation, with shadow replay, on a file.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContractTarget, engineContract } from "@holdfast/testing";
import { type EngineOptions, type EmbeddedEngine, openEngine } from "./index.ts";

function fileTarget(options: Partial<EngineOptions>): ContractTarget {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-contract-"));
  return {
    open: (request) =>
      openEngine({
        path: join(folder, "journal.sqlite"),
        seed: "contract",
        ...request,
        ...options,
      }),
    async crash(engine) {
      (engine as EmbeddedEngine).abandon();
    },
    async remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

engineContract({ name: "file, hot", target: () => fileTarget({}) });
engineContract({
  name: "file, evicted after every activation",
  target: () => fileTarget({ evictAfterMs: 0 }),
});
engineContract({ name: "file, shadow replay", target: () => fileTarget({ shadowReplay: true }) });
