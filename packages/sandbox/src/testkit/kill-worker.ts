// A venue in a process of its own, for tests that kill it. Prints its addresses as one line of JSON.

import { openSandbox } from "../sandbox.ts";

const [path = "", port = "0"] = process.argv.slice(2);
const sandbox = await openSandbox({ path, port: Number(port), controlToken: "kill" });
const { url, instanceId } = sandbox;
process.stdout.write(`${JSON.stringify({ url, instanceId })}\n`);
