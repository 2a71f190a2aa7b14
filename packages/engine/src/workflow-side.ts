// For whoever else executes runs: the coroutine of a run, whose facts come in and whose commands go out, and
// what an exported history says beside the input. It imports nothing that is not fit for a sandbox.

export { createContext } from "./run/context.ts";
export type { RunIdentity } from "./run/identity.ts";
export { Machine } from "./run/machine.ts";
export { TAGS_ATTRIBUTE, tagTexts } from "./temporal-history/note.ts";
export { type Origin, encodeOrigin } from "./temporal-history/origin.ts";
export { callKey, callRef } from "./call/attempt.ts";
export { Fold } from "./run/fold.ts";
export type { CallWaiter } from "./run/waiter.ts";
