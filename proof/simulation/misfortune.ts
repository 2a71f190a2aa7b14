// Lets the mishaps of a scenario befall a world: at points of the engine, while it is away, and at instants.

import { DatabaseSync } from "node:sqlite";
import { HoldfastError } from "@holdfast/core";
import type { CrashPoint } from "@holdfast/engine";
import type { VenueBackup } from "../world/paper-venue.ts";
import type { JournalBackup, World } from "../world/world.ts";
import type { Counts } from "./counts.ts";
import type { Meanwhile, Mishap } from "./mishap.ts";

const KEY_TTL_MS = 24 * 3_600_000;

type Crash = Mishap & { readonly kind: "crash" };

export class Misfortune {
  readonly #mishaps: readonly Mishap[];
  readonly #counts: Counts;
  readonly #met = new Map<CrashPoint, number>();
  readonly #journals: JournalBackup[] = [];
  readonly #venues: VenueBackup[] = [];
  #world: World | undefined;
  /** What comes while the engine is away. */
  #meanwhile: readonly Meanwhile[] = [];
  #recovery: (Meanwhile & { readonly kind: "crash in recovery" }) | undefined;
  #metInLife = 0;
  /** Told after a journal was put back or deleted: whoever sent something sends it again. */
  onLost: () => void = () => undefined;

  constructor(mishaps: readonly Mishap[], counts: Counts) {
    this.#mishaps = mishaps;
    this.#counts = counts;
  }

  /** Takes the world on, and sets what happens at instants. */
  begin(world: World): void {
    this.#world = world;
    const start = world.clock.now();
    this.#backup();
    for (const mishap of this.#mishaps) {
      if (!("at" in mishap)) continue;
      world.clock.setTimer(start + mishap.at, () => {
        this.#befall(mishap);
      });
    }
  }

  /** For how long the engine dies at a point. @throws what the disk does */
  meet(point: CrashPoint): number | undefined {
    const nth = (this.#met.get(point) ?? 0) + 1;
    this.#met.set(point, nth);
    const again = this.#recovery;
    if (again !== undefined && point === again.point) {
      this.#metInLife += 1;
      if (this.#metInLife === again.nth) {
        this.#recovery = undefined;
        this.#counts.add("crash in recovery");
        return 0;
      }
    }
    const found = this.#mishaps.filter(
      (one) => "nth" in one && one.point === point && one.nth === nth,
    );
    if (found.some(({ kind }) => kind === "disk error")) {
      this.#counts.add(
        point === "commit.before" ? "disk: commit failed" : "disk: commit failed and is on disk",
      );
      throw new HoldfastError("HF-STORE-FAILED", `Simulated: disk error at ${point} ${nth}.`, {
        class: "state",
        disposition: "retry",
      });
    }
    const crash = found.find((one): one is Crash => one.kind === "crash");
    if (crash === undefined) return undefined;
    this.#counts.add(`crash at ${point}`);
    if (crash.awayMs >= KEY_TTL_MS - 3_600_000) this.#counts.add("away beyond the keys' time");
    this.#meanwhile = crash.meanwhile;
    return crash.awayMs;
  }

  /** While there is no engine. */
  whileAway(): void {
    for (const one of this.#meanwhile) this.#happen(one);
    this.#meanwhile = [];
  }

  /** A fault has ended the venue's process: it is started again in a minute. */
  tend(): void {
    if (!this.#its.venue.hasCrashed) return;
    this.#counts.add("venue crashed by a fault");
    this.#endVenue(60_000);
  }

  get #its(): World {
    if (this.#world === undefined) throw new Error("Nothing can befall a world that is not open.");
    return this.#world;
  }

  #befall(mishap: Mishap & { readonly at: number }): void {
    switch (mishap.kind) {
      case "venue crash":
        this.#counts.add("venue crash");
        this.#endVenue(mishap.downMs);
        break;
      case "restart":
        this.#counts.add("restart in order");
        void this.#its.restart();
        break;
      case "takeover":
        void this.#its.tryTakeover().then((isTried) => {
          this.#counts.add("takeover refused", Number(isTried));
        });
        break;
      case "backup":
        this.#backup();
        break;
      default:
        // Those at points of the engine are met there.
        break;
    }
  }

  #happen(one: Meanwhile): void {
    const world = this.#its;
    this.#counts.add(one.kind);
    switch (one.kind) {
      case "venue crash":
        this.#counts.add("both crash together");
        this.#endVenue(one.downMs);
        break;
      case "venue restored":
        this.#restoreVenue();
        break;
      case "journal file restored":
      case "journal folder restored": {
        const backup = this.#journals.at(-1);
        const how = one.kind === "journal file restored" ? "file" : "folder";
        if (backup !== undefined) world.restoreJournal(backup, how);
        this.onLost();
        break;
      }
      case "journal deleted":
        world.deleteJournal();
        this.onLost();
        break;
      case "clock set":
        this.#counts.add(one.byMs < 0 ? "clock set back" : "clock set forward");
        world.setClock(one.byMs);
        break;
      case "disk full":
        this.#fillDisk(one.pages, one.ms);
        break;
      case "crash in recovery":
        this.#recovery = one;
        this.#metInLife = 0;
        break;
    }
  }

  #backup(): void {
    const world = this.#its;
    this.#journals.push(world.backupJournal());
    if (world.venue.isUp) this.#venues.push(world.venue.backup());
    this.#counts.add("backup");
  }

  #restoreVenue(): void {
    const backup = this.#venues.at(-1);
    if (backup === undefined) return;
    this.#its.restoreVenue(backup);
    this.#openVenue();
  }

  #endVenue(downMs: number): void {
    const { venue, clock } = this.#its;
    venue.crash();
    clock.setTimer(clock.now() + downMs, () => {
      this.#openVenue();
    });
  }

  #openVenue(): void {
    const { venue } = this.#its;
    if (!venue.isUp) venue.reopen();
  }

  /** Nothing but so many pages is left for a while. */
  #fillDisk(pages: number, ms: number): void {
    const world = this.#its;
    world.settings = { ...world.settings, journalPagesMax: pagesOf(world.journal) + pages };
    world.clock.setTimer(world.clock.now() + ms, () => {
      world.freeDisk();
    });
  }
}

function pagesOf(path: string): number {
  using database = new DatabaseSync(path);
  return Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
}
