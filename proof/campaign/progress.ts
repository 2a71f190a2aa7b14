// How far a campaign has come: one line that is written anew on a terminal, and a plain line now and then in a pipe.

export interface ProgressTo {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const SECOND_MS = 1_000;
const TERMINAL_EVERY_MS = 500;
const PIPE_EVERY_MS = 15_000;
/** Back to the beginning of the line, and all of it gone. */
const CLEAR = "\r\u001B[2K";

export interface ProgressOptions {
  readonly to: ProgressTo;
  readonly now: () => number;
  readonly effects: number;
}

export class ProgressLine {
  readonly #options: ProgressOptions;
  readonly #beganAt: number;
  #shownAt: number;
  #effects = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#beganAt = options.now();
    this.#shownAt = this.#beganAt;
  }

  add(effects: number): void {
    // A decision that is refused and made anew counts twice here: it is no more than a line.
    this.#effects = Math.min(this.#effects + effects, this.#options.effects);
    const { to, now } = this.#options;
    const every = to.isTTY === true ? TERMINAL_EVERY_MS : PIPE_EVERY_MS;
    if (now() - this.#shownAt < every) return;
    this.#shownAt = now();
    to.write(to.isTTY === true ? `${CLEAR}${this.#line()}` : `${this.#line()}\n`);
  }

  /** Leaves the line to whoever writes next. */
  clear(): void {
    if (this.#options.to.isTTY === true) this.#options.to.write(CLEAR);
  }

  #line(): string {
    const { effects, now } = this.#options;
    const seconds = (now() - this.#beganAt) / SECOND_MS;
    const rate = seconds > 0 ? this.#effects / seconds : 0;
    const left = Math.max(0, effects - this.#effects);
    const time = rate > 0 ? `, ${inWords((left / rate) * SECOND_MS)} left` : "";
    return `${grouped(this.#effects)} of ${grouped(effects)} effects, ${grouped(Math.round(rate))} a second${time}`;
  }
}

/** "2 h 5 min", "37 min", "12 s". */
export function inWords(ms: number): string {
  const seconds = Math.round(ms / SECOND_MS);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "1,000,000". */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/gu, ",");
}
