// What users import from "holdfast": the authoring API, the engine, and what a configuration is made of. No
// command line, no server.

export {
  type Activity,
  type ActivityContext,
  type Client,
  type Duration,
  type Every,
  type Failure,
  HoldfastError,
  type Resource,
  type Run,
  type Usdc,
  type Workflow,
  type WorkflowContext,
  activity,
  done,
  failure,
  formatUsdc,
  hasCode,
  nth,
  provide,
  resource,
  signal,
  usdc,
  workflow,
} from "@holdfast/core";
export { type EngineOptions, EmbeddedEngine, openEngine } from "@holdfast/engine";
export {
  type Account,
  type Config,
  type FleetRun,
  defineConfig,
  paper,
  remote,
  run,
} from "./config/config.ts";
