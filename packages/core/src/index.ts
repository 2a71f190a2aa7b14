// What users and the other packages import from core.

export type { Brand } from "./base/brand.ts";
export * from "./base/duration.ts";
export * from "./base/error.ts";
export * from "./base/id.ts";
export * from "./base/key.ts";
export * from "./base/limit.ts";
export * from "./base/money.ts";
