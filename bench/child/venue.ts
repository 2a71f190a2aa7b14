// The paper venue in a process of its own, on its file and the machine's clock. Says its address when it
// listens, and stays until it is killed.

import { openSandbox } from "@holdfast/sandbox";

const [path = ""] = process.argv.slice(2);
const sandbox = await openSandbox({ path, clock: { mode: "real" } });
process.stdout.write(`${sandbox.url}\n`);
process.once("SIGINT", () => process.exit(0));
