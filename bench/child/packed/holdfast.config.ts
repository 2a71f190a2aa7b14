// A project in an installed copy, with one run and the paper venue that every project has.

import { defineConfig, run } from "holdfast";
import { hello } from "./definitions.ts";

export default defineConfig({ fleet: [run(hello, 1, { id: "first" })] });
