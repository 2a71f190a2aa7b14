// An activity that kills its worker, again and again, on a real Temporal server: after two crashes beside others
// and three alone it is in quarantine, whichever process comes next, and a person settles it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Spoken, address, noCluster } from "./harness/cluster.ts";

const WORKER = fileURLToPath(new URL("harness/cluster-crash-worker.ts", import.meta.url));
const CRASHES = 5;

test(
  "a call that kills each worker that takes it is quarantined",
  { skip: noCluster },
  async () => {
    const own = randomUUID().slice(0, 8);
    for (let crash = 1; crash <= CRASHES; crash += 1) {
      await using worker = new Spoken([WORKER, address, own]);
      const said = await worker.ended();
      assert.deepEqual([worker.signal, said], ["SIGKILL", "serving\n"], `worker ${crash}`);
    }
    await using worker = new Spoken([WORKER, address, own]);
    const said = await worker.ended();
    assert.match(said, /HF-QUARANTINED: Activity "loop.fatal" is in quarantine: .* died 3 times/u);
    assert.match(said, /ended HF-RESOLVED-NOT-DONE, others 1 2 3\n/u);
  },
);
