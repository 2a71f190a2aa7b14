// What a host tells its engine of the load on their process: whether runs may begin, and whose attempts wait. The host
// measures and judges; an engine only asks.

import type { HoldfastError } from "../base/error.ts";
import type { Priority } from "../workflow/workflow.ts";

export interface Load {
  /** Why no run of this workflow begins now, for whoever asked for it; undefined where it may. */
  held(id: string, workflow: string): HoldfastError | undefined;
  /** True while attempts of runs of this priority wait. Those with money never do, whatever it says. */
  sheds(priority: Priority): boolean;
  /** Calls back each time something may go on that had to wait; ends with what it gives. */
  onEased(listener: () => void): Disposable;
}
