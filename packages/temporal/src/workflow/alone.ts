// A scope in which one command can be cancelled alone. The SDK's own makes five promises, takes a stack for each, and
// stays with its parent as long as the run; but all that the SDK asks of a scope is whether it is cancelled, and
// to be told.

import { CancellationScope, CancelledFailure } from "@temporalio/workflow";

type Told = (reason: CancelledFailure) => void;

export class Alone {
  readonly cancellable: boolean;
  consideredCancelled = false;
  readonly #told: Told[] = [];
  /** As much of a promise as the SDK uses. */
  readonly cancelRequested: { catch(told: Told): void };

  /** @param cancellable false where what runs in it is cancelled by nobody */
  constructor(cancellable = true) {
    this.cancellable = cancellable;
    this.cancelRequested = {
      catch: (told) => {
        this.#told.push(told);
      },
    };
  }

  /** Runs the body, and what comes of it, with this as the SDK's current scope. */
  run<Value>(body: () => Promise<Value>): Promise<Value> {
    const scope = this as unknown as CancellationScope;
    return CancellationScope.prototype.run.call(scope, body) as Promise<Value>;
  }

  /** The commands of the cancellation are given at once. */
  cancel(): void {
    if (this.consideredCancelled) return;
    this.consideredCancelled = true;
    for (const tell of this.#told) tell(new CancelledFailure("It was given up."));
  }

  /** What `run` of the SDK calls. */
  protected runInContext<Value>(body: () => Promise<Value>): Promise<Value> {
    return body();
  }
}
