// The machine's own time and timers: the only file of the paper venue that uses them.

/** Longest time-out that the runtime keeps, in milliseconds. */
const TIMEOUT_MS_MAX = 2_147_483_647;

export interface Wall {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back after some milliseconds, once; returns how to call it off. Never keeps the process alive. */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemWall: Wall = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, milliseconds), TIMEOUT_MS_MAX));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Lets everything that is ready run first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
