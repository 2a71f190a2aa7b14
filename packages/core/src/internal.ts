// For the other packages of Holdfast; no promise to users.

export { base32 } from "./base/key.ts";
export { encodePayloadWithCopy } from "./base/payload.ts";
export { nothing } from "./base/schema.ts";
export { utf8 } from "./base/utf8.ts";
export { type LoopEnd, isLoopEnd } from "./workflow/loop.ts";
