// Time, as the engine sees it. There is one clock per engine instance, so that tests run in parallel.

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once, not before the instant. The handle cancels. */
  setTimer(at: number, callback: () => void): TimerHandle;
}

export interface TimerHandle {
  cancel(): void;
}
