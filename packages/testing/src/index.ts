// For the tests of Holdfast's own packages: virtual time and contract suites.

export * from "./clock/index.ts";
export {
  type EngineContractOptions,
  contractNames,
  engineContract,
} from "./contract/engine-contract.ts";
export type { ContractEngine, ContractTarget, OpenRequest } from "./contract/harness.ts";
export {
  type BreakerPlace,
  type BreakerStoreContractOptions,
  breakerStoreContract,
} from "./contract/breaker-store-contract.ts";
export {
  type IntentPlace,
  type IntentStoreContractOptions,
  intentStoreContract,
} from "./contract/intent-store-contract.ts";
