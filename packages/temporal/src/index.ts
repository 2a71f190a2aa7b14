// Holdfast's workflows inside Temporal's worker; so far what replaying exported histories needs.

export { bundle } from "./bundle.ts";
export { type ReplayRequest, replay } from "./replay.ts";
