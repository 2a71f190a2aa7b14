// When a command that hosts something ends: at a signal, after `--for`, and at once when it is told twice.
// It only says when; closing is the command's own work.

import {
  type Clock,
  type Duration,
  HoldfastError,
  type TimerHandle,
  durationMs,
} from "@holdfast/core";

export interface Stop extends Disposable {
  readonly signal: AbortSignal;
  /** Asks for the stop from inside. */
  now(): void;
}

export interface StopOptions {
  readonly clock: Clock;
  /** Ends by itself after this duration. */
  readonly duration: string | undefined;
  /** Ends the process without waiting for anything. */
  readonly force: () => void;
}

/**
 * One press of Ctrl-C may arrive twice, because npm passes on what the terminal has sent to us already. So a
 * second signal counts from here on, in milliseconds after the first.
 */
const SAME_PRESS_MS = 500;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @throws HF-DURATION-INVALID */
export function onStop({ clock, duration, force }: StopOptions): Stop {
  const ms = duration === undefined ? undefined : durationMs(duration as Duration);
  if (ms !== undefined && ms <= 0) {
    throw new HoldfastError(
      "HF-DURATION-INVALID",
      'Cannot run for no time at all: --for wants a duration such as "30s".',
      { class: "data" },
    );
  }
  const stop = new AbortController();
  let askedAt: number | undefined;
  const onSignal = (): void => {
    const now = clock.now();
    askedAt ??= now;
    if (now - askedAt >= SAME_PRESS_MS) force();
    stop.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  let timer: TimerHandle | undefined;
  if (ms !== undefined) {
    timer = clock.setTimer(clock.now() + ms, () => {
      stop.abort();
    });
  }
  return {
    signal: stop.signal,
    now: () => {
      stop.abort();
    },
    [Symbol.dispose]() {
      timer?.cancel();
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener(
      "abort",
      () => {
        resolve();
      },
      { once: true },
    );
  });
}
