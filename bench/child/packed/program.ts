// A user's program in an installed copy: opens an engine and does one run. Argument: the file.

import { openEngine } from "holdfast";
import { hello } from "./definitions.ts";

await using engine = await openEngine({ path: process.argv[2] ?? "", definitions: [hello] });
const run = await engine.client.start(hello, 1, { id: "first" });
await run.result();
