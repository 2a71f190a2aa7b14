// The embedded engine under the contract: hot, evicted after every activation, crashed and reopened whenever
// it comes to rest, with shadow replay, and on a journal in memory.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContractTarget, type OpenRequest, engineContract } from "@holdfast/testing";
import { ReopeningEngine } from "./fixture/reopening-engine.ts";
import { type EmbeddedEngine, type EngineOptions, memoryJournal, openEngine } from "./index.ts";

const optionsOf = (path: string, request: OpenRequest): EngineOptions => ({
  path,
  seed: "contract",
  ...request,
});

/** The engine as it is, or one that crashes by itself. */
function targetOn(
  path: string,
  remove: () => void,
  open: (options: EngineOptions) => Promise<EmbeddedEngine | ReopeningEngine>,
): ContractTarget {
  return {
    open: (request) => open(optionsOf(path, request)),
    async crash(engine) {
      (engine as EmbeddedEngine | ReopeningEngine).abandon();
    },
    async remove() {
      remove();
    },
  };
}

function onFile(
  open: (options: EngineOptions) => Promise<EmbeddedEngine | ReopeningEngine>,
): ContractTarget {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-contract-"));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  return targetOn(join(folder, "journal.sqlite"), remove, open);
}

function inMemory(): ContractTarget {
  const journal = memoryJournal();
  const remove = (): void => {
    journal[Symbol.dispose]();
  };
  return targetOn(journal.path, remove, openEngine);
}

engineContract({ name: "file, hot", target: () => onFile(openEngine) });
engineContract({
  name: "file, evicted after every activation",
  target: () => onFile((options) => openEngine({ ...options, evictAfterMs: 0 })),
});
engineContract({
  name: "file, crashed and reopened after every activation",
  target: () =>
    onFile((options) => ReopeningEngine.open((point) => openEngine({ ...options, point }))),
  without: {
    "money at an open breaker is not sent, and fails as not sent when its total is over":
      "after a crash an open intent counts as sent, so that the call ends in doubt",
    "a money call that never left fails when its total is over":
      "after a crash an open intent counts as sent, so that the call ends in doubt",
    "what a halt holds back until its total is over has certainly not been sent":
      "after a crash an open intent counts as sent, so that the call ends in doubt",
    "code that awaits something foreign parks the run":
      "each reopening tries a stuck run anew, so that it never comes to rest",
    "loop() after other waits is a bug that parks the run":
      "each reopening tries a stuck run anew, and what parks it here comes when time passes",
  },
});
engineContract({
  name: "file, shadow replay",
  target: () => onFile((options) => openEngine({ ...options, shadowReplay: true })),
});
engineContract({ name: "memory", target: inMemory });
