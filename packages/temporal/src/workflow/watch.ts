// Tells the worker's process, where time is held, which runs there are and when each is to be woken: whoever
// drives time must know. Told on replay too, because that process may have begun anew.

import { type Sinks, proxySinks } from "@temporalio/workflow";

export interface WatchSinks extends Sinks {
  readonly watch: {
    opened(): void;
    wakes(at: number | undefined): void;
  };
}

export const { watch } = proxySinks<WatchSinks>();
