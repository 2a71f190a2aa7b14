// For the tests of Holdfast's own packages: virtual time, crash points, contract suites.

export {
  type DriveOptions,
  type Driven,
  type HeldVenue,
  WATCHDOG_MS,
  drive,
} from "./clock/drive.ts";
export { VIRTUAL_START, VirtualClock } from "./clock/virtual-clock.ts";
export { type EngineContractOptions, engineContract } from "./contract/engine-contract.ts";
export type { ContractEngine, ContractTarget, OpenRequest } from "./contract/harness.ts";
