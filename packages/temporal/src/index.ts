// Holdfast on a Temporal cluster: the engine for a configuration, and the replay of exported histories.

export { bundle } from "./bundle.ts";
export { type ProjectBundleRequest, bundleProject } from "./bundle/project.ts";
export type { TemporalOptions } from "./options.ts";
export { temporal } from "./temporal.ts";
export { type ReplayRequest, replay } from "./replay.ts";
