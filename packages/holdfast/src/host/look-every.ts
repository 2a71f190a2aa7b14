// Looks again and again at what changes without anybody saying so: what is spent of budgets, who waits for an answer.

import type { Clock, TimerHandle } from "@holdfast/core";

/** Between the end of a look and the next one, in milliseconds. */
const EVERY_MS = 2_000;

/** Looks until it is disposed. @param looks none of which rejects */
export function lookEvery(clock: Clock, looks: readonly (() => Promise<void>)[]): Disposable {
  let timer: TimerHandle | undefined;
  let isOver = looks.length === 0;
  const arm = (): void => {
    if (isOver) return;
    timer = clock.setTimer(clock.now() + EVERY_MS, () => {
      void Promise.all(looks.map((look) => look())).then(arm);
    });
  };
  arm();
  return {
    [Symbol.dispose]() {
      isOver = true;
      timer?.cancel();
    },
  };
}
