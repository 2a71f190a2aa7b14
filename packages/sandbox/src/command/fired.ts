// What the venue did by itself while somebody watched: kinds and instants, of transactions that were committed.

/** Entries that are kept of one watch; beyond them only their number. */
export const FIRED_MAX = 1_000;

/** Something that fell due by itself. */
export interface Fired {
  /** What was done ("liquidate", "fill-order"), or the kind of a timer that did nothing else. */
  readonly kind: string;
  /** On the venue's clock. */
  readonly at: number;
  readonly agent?: string;
  /** Id of what a timer was about. */
  readonly subject?: string;
}

export interface Watched {
  readonly fired: readonly Fired[];
  /** How many more there were than are listed. */
  readonly more: number;
}

export interface FiredLog {
  /** Begins a transaction: forgets what one that failed has noted. */
  begin(): void;
  note(fired: Fired): void;
  /** Notes of this transaction so far. */
  count(): number;
  commit(): void;
  /** Watches from now on; the function that it returns ends that and says what there was. */
  watch(): () => Watched;
}

export function createFired(): FiredLog {
  let noted: Fired[] = [];
  const watchers = new Set<{ fired: Fired[]; more: number }>();
  return {
    begin() {
      noted = [];
    },
    note(fired) {
      noted.push(fired);
    },
    count: () => noted.length,
    commit() {
      for (const watcher of watchers) {
        const room = FIRED_MAX - watcher.fired.length;
        watcher.fired.push(...noted.slice(0, room));
        watcher.more += Math.max(0, noted.length - room);
      }
      noted = [];
    },
    watch() {
      const watcher = { fired: [] as Fired[], more: 0 };
      watchers.add(watcher);
      return () => {
        watchers.delete(watcher);
        return watcher;
      };
    },
  };
}
