// How an engine dies in a test and comes back, for proofs that are built on it: "holdfast/testing/crash".

export { CrashableEngine, type CrashableOptions } from "./crashable-engine.ts";
export { Life } from "./life.ts";
