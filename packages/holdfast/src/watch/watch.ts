// Watches what the process uses against its limits, and lets less work in before something breaks: no run begins,
// then calls without money wait by priority, then the process drains and ends, to be begun anew. Nothing is failed by
// it, and money that is on its way goes on.

import {
  type Clock,
  HoldfastError,
  type Load,
  type Log,
  type Priority,
  type TimerHandle,
  formatDuration,
  toFailure,
  CLOSE_ALL,
} from "@holdfast/core";
import { notification } from "@holdfast/notify";
import type { Gauge } from "./gauge.ts";
import { AT_REST, CALM_MS, type Level, type Standing, judge } from "./level.ts";
import type { ResourceName } from "./limits.ts";

/** Workflows that begin whatever is short: those that tell people, and the one that closes everything. */
const UNHELD: ReadonlySet<string> = new Set([notification.name, CLOSE_ALL]);

/** How a service manager is told to begin the process anew: EX_TEMPFAIL of sysexits. */
export const EXIT_OVERLOADED = 75;
/** When a start that was held is worth another try, in milliseconds. */
export const RETRY_AFTER_MS = CALM_MS;
/** How long calls of low priority wait alone before those of normal priority wait, too. */
export const SHED_MORE_MS = 10_000;

const NAMES: Readonly<Record<Level, WatchReport["status"]>> = {
  0: "ok",
  1: "held",
  2: "shedding",
  3: "stopping",
};

/** One resource, for people and programs. */
export interface WatchedResource {
  readonly name: ResourceName;
  readonly title: string;
  readonly level: Level;
  /** In the unit of the resource; undefined where it cannot be told. */
  readonly value: number | undefined;
  readonly says: string;
}

export interface WatchReport {
  /** The worst of all resources: starts are held, calls wait, the process is to end. */
  readonly status: "ok" | "held" | "shedding" | "stopping";
  readonly resources: readonly WatchedResource[];
}

/** A level that was reached in an episode that is not over. */
export interface Reached {
  readonly resource: ResourceName;
  readonly level: Exclude<Level, 0>;
  /** When its episode began. */
  readonly since: number;
  readonly title: string;
  readonly text: string;
}

export interface WatchOptions {
  readonly gauges: readonly Gauge[];
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
  readonly patienceMs: number;
  /** Told when a level was reached, and when an episode is over. */
  readonly onChange?: () => void;
  /** Something has been over its hard limit for too long: the process is to drain and end with EXIT_OVERLOADED. */
  readonly onStop: (error: HoldfastError) => void;
}

interface Watched {
  readonly gauge: Gauge;
  standing: Standing;
  value: number | undefined;
  /** The levels of this episode, as they were told. */
  told: readonly Reached[];
  /** True once it was said that it cannot be read. */
  isDark: boolean;
  /** True while it is being read: a disk that hangs holds up nothing else. */
  isBusy: boolean;
}

export class ResourceWatch implements Load, Disposable {
  readonly #options: WatchOptions;
  readonly #watched: readonly Watched[];
  readonly #eased = new Set<() => void>();
  #sheds: ReadonlySet<Priority> = new Set();
  #timer: TimerHandle | undefined;
  #isStopping = false;
  #isOver = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#watched = options.gauges.map((gauge) => {
      return { gauge, standing: AT_REST, value: undefined, told: [], isDark: false, isBusy: false };
    });
  }

  /** Looks from now on, again and again, until it is disposed of. */
  start(): void {
    if (this.#isOver || this.#watched.length === 0) return;
    const { clock, everyMs } = this.#options;
    this.#timer = clock.setTimer(clock.now() + everyMs, () => {
      void this.look();
      this.start();
    });
  }

  /** Looks once. Never rejects. */
  async look(): Promise<void> {
    const before = this.#level;
    const reached = await Promise.all(this.#watched.map((one) => this.#lookAt(one)));
    if (this.#isOver) return;
    this.#shed(before);
    this.#stop();
    if (reached.includes(true)) this.#options.onChange?.();
  }

  /** Those that tell people of it begin all the same. */
  held(id: string, workflow: string): HoldfastError | undefined {
    if (this.#level === 0 || UNHELD.has(workflow)) return undefined;
    const says = this.#worst.map(
      ({ gauge, value = 0 }) => `${gauge.title} (${gauge.format(value)})`,
    );
    return new HoldfastError(
      "HF-OVERLOADED",
      `Cannot start run "${id}": the process is short of ${says.join(", ")}, and begins no run until that is better. Try again in ${formatDuration(RETRY_AFTER_MS)}; nothing was begun.`,
      {
        class: "resource",
        disposition: "retry-after",
        outcome: "not-sent",
        retryAfterMs: RETRY_AFTER_MS,
      },
    );
  }

  sheds(priority: Priority): boolean {
    return this.#sheds.has(priority);
  }

  onEased(listener: () => void): Disposable {
    this.#eased.add(listener);
    return { [Symbol.dispose]: () => void this.#eased.delete(listener) };
  }

  /** What is reached now: the first time of each level in an episode. */
  get reached(): readonly Reached[] {
    return this.#watched.flatMap(({ told }) => told);
  }

  get report(): WatchReport {
    const resources = this.#watched.map(({ gauge, standing, value }) => {
      const says = value === undefined ? "cannot be told" : gauge.format(value);
      return { name: gauge.name, title: gauge.title, level: standing.level, value, says };
    });
    return { status: this.#isStopping ? "stopping" : NAMES[this.#level], resources };
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  get #level(): Level {
    return this.#watched.reduce<Level>(
      (worst, { standing: { level } }) => (level > worst ? level : worst),
      0,
    );
  }

  get #worst(): readonly Watched[] {
    const level = this.#level;
    return this.#watched.filter(({ standing }) => standing.level === level);
  }

  /** True when something is to be told. */
  async #lookAt(watched: Watched): Promise<boolean> {
    const { gauge } = watched;
    const { clock, log } = this.#options;
    if (watched.isBusy) return false;
    watched.isBusy = true;
    try {
      watched.value = await gauge.read(clock.now());
    } catch (error) {
      watched.value = undefined;
      if (!watched.isDark)
        log.warn(`Cannot tell how much ${gauge.title} is used: ${toFailure(error).message}`);
      watched.isDark = true;
    } finally {
      watched.isBusy = false;
    }
    if (watched.value === undefined || this.#isOver) return false;
    watched.isDark = false;
    const before = watched.standing;
    const now = judge(before, watched.value, gauge.thresholds, clock.now());
    watched.standing = now;
    if (now.level > 0 && now.worst > before.worst) return this.#tell(watched, now.worst);
    if (now.level > 0 || before.level === 0) return false;
    watched.told = [];
    log.info(`Enough ${gauge.title} again: ${gauge.format(watched.value)}. Everything goes on.`);
    return true;
  }

  #tell(watched: Watched, level: Level): boolean {
    if (level === 0) return false;
    const { gauge, standing, value = 0 } = watched;
    const title = `Short of ${gauge.title}: ${gauge.format(value)}`;
    const text = this.#consequence(level);
    this.#options.log[level === 3 ? "error" : "warn"](`${title}. ${text}`, {
      code: "HF-OVERLOADED",
      resource: gauge.name,
      level,
    });
    const reached: Reached = { resource: gauge.name, level, since: standing.since, title, text };
    watched.told = [...watched.told, reached];
    return true;
  }

  #consequence(level: Exclude<Level, 0>): string {
    switch (level) {
      case 1:
        return "No run begins until that is better; those that run go on.";
      case 2:
        return "No run begins, and calls without money wait, those of low priority first; money goes on.";
      case 3:
        return `Over the hard limit: where that lasts for ${formatDuration(this.#options.patienceMs)}, the process drains and ends with code ${EXIT_OVERLOADED}, to be begun anew.`;
    }
  }

  /** Low priority waits at once, normal where that does not help; high never. */
  #shed(before: Level): void {
    const sheddingSince = Math.min(
      ...this.#watched
        .filter(({ standing }) => standing.level >= 2)
        .map(({ standing }) => standing.levelSince),
    );
    const sheds = new Set<Priority>();
    if (Number.isFinite(sheddingSince)) {
      sheds.add("low");
      const lasts = this.#options.clock.now() - sheddingSince >= SHED_MORE_MS;
      if (lasts || this.#level === 3) sheds.add("normal");
    }
    const fewer = sheds.size < this.#sheds.size;
    this.#sheds = sheds;
    if (fewer || this.#level < before) for (const listener of this.#eased) listener();
  }

  #stop(): void {
    const { clock, patienceMs, onStop, log } = this.#options;
    const now = clock.now();
    const late = this.#watched.find(
      ({ standing: { level, levelSince, easedSince } }) =>
        level === 3 && easedSince === undefined && now - levelSince >= patienceMs,
    );
    if (late === undefined || this.#isStopping) return;
    this.#isStopping = true;
    const { gauge, value = 0 } = late;
    const message = `Short of ${gauge.title} for ${formatDuration(patienceMs)}: ${gauge.format(value)}. The process drains and ends with code ${EXIT_OVERLOADED}, to be begun anew.`;
    const error = new HoldfastError("HF-OVERLOADED", message, {
      class: "resource",
      disposition: "retry-after",
      outcome: "not-sent",
      details: { resource: gauge.name },
    });
    log.error(message, { code: error.code });
    onStop(error);
  }
}
