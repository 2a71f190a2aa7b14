// Virtual time alone, without the contract suites: what the testing kit for users is built on.

export { type DriveOptions, type Driven, type HeldVenue, WATCHDOG_MS, drive } from "./drive.ts";
export { VIRTUAL_START, VirtualClock } from "./virtual-clock.ts";
