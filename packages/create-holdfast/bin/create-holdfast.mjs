#!/usr/bin/env node
// `npm create holdfast my-agent` is `holdfast init my-agent`, in the newest version.

process.argv.splice(2, 0, "init");
await import("holdfast/bin");
