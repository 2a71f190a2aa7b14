// A venue in a process of its own, with its faults; one of them ends the process with SIGKILL after a commit.

import { usdc } from "@holdfast/core";
import { openSandbox } from "@holdfast/sandbox";
import { type VenueLine, type VenueOrder, endWithParent, orderOf, say } from "./process.ts";

const { path, port, faults, seed } = orderOf<VenueOrder>();

endWithParent();
const { url, controlUrl } = await openSandbox({
  path,
  port,
  faults,
  faultSeed: seed,
  grant: usdc("1000000"),
  durability: "relaxed",
  clock: { mode: "real" },
  controlToken: "kills",
  onCrash: () => {
    process.kill(process.pid, "SIGKILL");
  },
});
say<VenueLine>({ url, controlUrl });
