// A whole system in one process, made of a seed: the real engine and the real paper venue on files, Node's HTTP
// between them, one virtual time. It is crashed, brought back, put back to backups and deleted; what was seen
// outside is kept, so that the invariants can be held against it.

import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  type Client,
  type Engine,
  HoldfastError,
  type Log,
  type LogFields,
  type Provided,
  type Random,
  type Workflow,
  createClient,
  hasCode,
  provide,
  seededRandom,
  uuidFrom,
} from "@holdfast/core";
import {
  type CrashPoint,
  type Definition,
  type EmbeddedEngine,
  type EngineOptions,
  openEngine,
} from "@holdfast/engine";
import {
  type SecretStore,
  createPurpleFlea,
  paperProfile,
  purpleFlea,
  secrets,
} from "@holdfast/purpleflea";
import { VIRTUAL_START, VirtualClock, drive } from "@holdfast/testing/clock";
import { CrashableEngine, type Life } from "holdfast/testing/crash";
import { copyState, deleteState, makeFolder } from "./files.ts";
import { ContextWatch } from "./context-watch.ts";
import { NOTHING_SEEN, Observed, type Seen, observedEngine } from "./observed.ts";
import { PaperVenue, type PaperVenueOptions, VENUE_URL, type VenueBackup } from "./paper-venue.ts";

/** Options that may change between two lives of an engine. */
export type EngineSettings = Partial<
  Pick<
    EngineOptions,
    | "cachedRuns"
    | "durability"
    | "evictAfterMs"
    | "historySuggest"
    | "journalPagesMax"
    | "shadowReplay"
  >
>;

export interface WorldOptions {
  /** Decides everything that is otherwise random: ids, keys, prices, delays, which requests faults strike. */
  readonly seed: string;
  readonly definitions: readonly Definition[];
  /** Agents at the venue. Default: "default". */
  readonly accounts?: readonly string[];
  /** Where virtual time begins, in milliseconds since the epoch. */
  readonly start?: number;
  readonly engine?: EngineSettings;
  readonly venue?: PaperVenueOptions;
  /** Beside the venue's client; `send` is the way to the venue, which is cut when the engine dies. */
  readonly resources?: (world: World, send: typeof fetch) => readonly Provided[];
  /** What stands between clients and the venue, for planted bugs. */
  readonly between?: (send: typeof fetch) => typeof fetch;
  /** Asked at each point: for how many milliseconds the engine dies there. What it throws is an error of the disk. */
  readonly onPoint?: (point: CrashPoint, about: string) => number | undefined;
  /** Done while the engine is away, before its time there has passed. */
  readonly whileAway?: () => void | Promise<void>;
  /** Told of everything that happens, in order: the same seed gives the same lines. */
  readonly trace?: (line: string) => void;
}

/** A copy of the journal, and what had been seen of it. */
export interface JournalBackup {
  readonly path: string;
  readonly seen: Seen;
  readonly at: number;
}

/** Real milliseconds without progress after which a drive gives up: the machine may be busy with other things. */
const WATCHDOG_MS = 60_000;

export class World implements AsyncDisposable {
  readonly clock: VirtualClock;
  readonly folder: string = makeFolder();
  readonly journal: string;
  readonly namespace = "world";
  readonly venue: PaperVenue;
  readonly observed: Observed;
  readonly contexts: ContextWatch = new ContextWatch();
  readonly newId: () => string;
  /** What activities have saved. */
  readonly saved = new Map<string, string>();
  /** What the next engine runs. */
  definitions: readonly Definition[];
  /** How the next engine is opened; one that opens its file again by itself looks at it, too. */
  settings: EngineSettings;
  /** When the venue was put back: what was done until then may be missing in its ledger. */
  readonly restored: { venue: number | undefined } = { venue: undefined };
  readonly #options: WorldOptions;
  readonly #send: typeof fetch;
  #crashable: CrashableEngine | undefined;
  #engine: Engine | undefined;
  #client: Client | undefined;
  #lives = 0;
  #isAlive = false;
  /** The latest instant before the clock was set. */
  #latest = 0;
  #backups = 0;

  private constructor(options: WorldOptions, clock: VirtualClock) {
    const random = seededRandom(`${options.seed}/ids`);
    this.#options = options;
    this.clock = clock;
    this.newId = () => uuidFrom(random);
    this.definitions = this.contexts.watch(options.definitions);
    this.settings = options.engine ?? {};
    this.journal = join(this.folder, "journal.sqlite");
    this.observed = new Observed(this.journal);
    this.venue = new PaperVenue({
      folder: this.folder,
      seed: options.seed,
      clock,
      accounts: options.accounts ?? ["default"],
      options: options.venue ?? {},
    });
    this.#send = options.between?.(this.venue.fetch) ?? this.venue.fetch;
  }

  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options, new VirtualClock(options.start ?? VIRTUAL_START));
    try {
      await world.venue.begin();
      world.#crashable = await CrashableEngine.open({
        open: (life, point) => world.#openEngine(life, point),
        crashes: (point, about) => {
          world.trace(`${point} ${about}`);
          // An engine that is being closed in order ends as it does.
          return world.#isAlive ? options.onPoint?.(point, about) : undefined;
        },
        away: (ms) => world.#away(ms),
      });
      world.#engine = observedEngine(world.#crashable, world.observed);
      world.#client = createClient({ engine: world.#engine, newId: world.newId });
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The engine as those outside see it: it outlives crashes, and what it tells them is kept. */
  get engine(): Engine {
    return opened(this.#engine);
  }

  /** The same, with what only tests ask. */
  get crashable(): CrashableEngine {
    return opened(this.#crashable);
  }

  get client(): Client {
    return opened(this.#client);
  }

  /** Engines that were opened so far. */
  get lives(): number {
    return this.#lives;
  }

  trace(what: string): void {
    // Where the files lie is no part of the play.
    this.#options.trace?.(`${this.clock.now()} ${what.replaceAll(this.folder, "folder")}`);
  }

  /** Whether a run of this workflow may wait for somebody outside. */
  takesMessages(workflow: string): boolean {
    const found = this.definitions.find(({ name }) => name === workflow);
    if (found?.kind !== "workflow") return false;
    const { signals, updates } = found as Workflow;
    return Object.keys({ ...signals, ...updates }).length > 0;
  }

  /** Seeded chances of one part of a play. */
  random(part: string): Random {
    return seededRandom(`${this.#options.seed}/${part}`);
  }

  /** Drives time until the promise settles. */
  drive<Value>(
    promise: Promise<Value>,
    onJump?: (instant: number) => void | Promise<void>,
  ): Promise<Value> {
    return drive(promise, {
      clock: this.clock,
      venue: this.venue,
      engines: () => [this.crashable],
      watchdogMs: WATCHDOG_MS,
      ...(onJump === undefined ? {} : { onJump }),
    });
  }

  /** Ends the engine as a crash would, and opens it again. */
  async crash(awayMs = 0): Promise<void> {
    this.trace("crash");
    await this.crashable.crash(awayMs);
  }

  /** Ends the engine in order, and opens it again; where none lives, nothing happens. */
  async restart(): Promise<void> {
    if (!this.#isAlive) return;
    this.trace("restart");
    this.#isAlive = false;
    await this.crashable.restart();
  }

  /** Lets time pass that no engine sees. */
  async pass(ms: number): Promise<void> {
    const instant = this.clock.now() + ms;
    await this.venue.advanceTo(instant);
    this.clock.advanceTo(instant);
    // One that was started again on the way stands where that was.
    await this.venue.advanceTo(instant);
  }

  /** Sets the engine's clock; the venue's goes on as it was. */
  setClock(byMs: number): void {
    this.#latest = Math.max(this.#latest, this.clock.now());
    this.trace(`clock set by ${byMs}`);
    this.venue.shift(byMs);
    this.clock.advanceTo(this.clock.now() + byMs);
  }

  /** There is space for the journal again. */
  freeDisk(): void {
    const { journalPagesMax: _pages, ...rest } = this.settings;
    this.settings = rest;
  }

  /** A second engine on the same journal must be refused while the first lives; false where none lives now. */
  async tryTakeover(): Promise<boolean> {
    if (!this.#isAlive) return false;
    try {
      const second = await openEngine({ path: this.journal, definitions: this.definitions });
      second.abandon();
      this.observed.wrong.push({ rule: "one owner at most", what: "a second engine was let in" });
    } catch (error) {
      if (!hasCode(error, "HF-STATE-LOCKED")) throw error;
      this.trace("takeover refused");
    }
    return true;
  }

  /** Copies the journal as it is now, whatever the engine is doing. */
  backupJournal(): JournalBackup {
    const path = join(this.folder, `journal-backup-${this.#backups++}.sqlite`);
    copyState(this.journal, path);
    return { path, seen: this.observed.seen, at: this.clock.now() };
  }

  /** Puts an older journal in the place of this one, while the engine is away: its file, or all beside it as well. */
  restoreJournal(backup: JournalBackup, how: "folder" | "file" = "folder"): void {
    this.trace(`journal restored (${how})`);
    this.observed.goBack(backup.seen);
    this.#decideAgain(backup.at);
    copyState(backup.path, this.journal, how);
  }

  /** Deletes the journal, while the engine is away. The next one begins anew, with the same namespace. */
  deleteJournal(): void {
    this.trace("journal deleted");
    this.observed.goBack(NOTHING_SEEN);
    this.#decideAgain(Number.NEGATIVE_INFINITY);
    deleteState(this.journal);
  }

  /** Ends the venue and puts an older state in its place: it is down until it is opened. */
  restoreVenue(backup: VenueBackup): void {
    this.trace("venue restored");
    this.venue.crash();
    this.venue.restore(backup);
    this.observed.forgetBodies();
    this.restored.venue = Math.max(this.#latest, this.clock.now());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.observed[Symbol.dispose]();
    await this.#crashable?.[Symbol.asyncDispose]().catch(() => undefined);
    this.venue[Symbol.dispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * What was decided since then is decided again. Where the venue was put back since as well, it has forgotten the
   * answers that later decisions were made of: those may have other bodies now.
   */
  #decideAgain(since: number): void {
    const { venue } = this.restored;
    if (venue !== undefined && since <= venue) this.observed.forgetBodies();
  }

  async #away(ms: number): Promise<void> {
    this.#isAlive = false;
    await this.#options.whileAway?.();
    await this.pass(ms);
  }

  async #openEngine(life: Life, point: EngineOptions["point"]): Promise<EmbeddedEngine> {
    const { seed, resources } = this.#options;
    const { settings } = this;
    const send = this.#fetchOf(life);
    this.#lives += 1;
    this.trace(`engine ${this.#lives} opens`);
    const options: EngineOptions = {
      path: this.journal,
      clock: this.clock,
      seed: `${seed}/${this.#lives}`,
      namespace: this.namespace,
      durability: "relaxed",
      newId: this.newId,
      definitions: this.definitions,
      log: this.#log(),
      ...settings,
      ...(point === undefined ? {} : { point }),
      resources: [
        provide(
          purpleFlea,
          (account) =>
            createPurpleFlea({
              baseUrl: VENUE_URL,
              apiKey: () =>
                this.venue.apiKey(account) ?? this.saved.get(`agent/${account}/api-key`),
              fetch: send,
            }),
          paperProfile,
        ),
        provide(secrets, () => secretsIn(this.saved)),
        ...(resources?.(this, send) ?? []),
      ],
    };
    // Looked at again each time the engine opens its file: a full disk may have space by then.
    const get = (): number | undefined => this.settings.journalPagesMax;
    const engine = await this.#openWithSpace(
      Object.defineProperty(options, "journalPagesMax", { get }),
    );
    this.#isAlive = true;
    return engine;
  }

  /** An engine that cannot even begin on a full disk is started again when there is space. */
  async #openWithSpace(options: EngineOptions): Promise<EmbeddedEngine> {
    try {
      return await openEngine(options);
    } catch (error) {
      if (!hasCode(error, "HF-STATE-FULL")) throw error;
      this.trace("no space to open the journal");
      this.freeDisk();
      return openEngine(options);
    }
  }

  /**
   * The way to the venue for one life of an engine: cut when it ends. What comes along with a key is held against
   * the journal.
   */
  #fetchOf(life: Life): typeof fetch {
    const end = new AbortController();
    life.within(new Promise(() => undefined)).catch((reason: unknown) => {
      end.abort(reason);
    });
    const assertAlive = (): void => {
      if (life.isOver) throw new Error("This process has ended.");
    };
    return async (input, init = {}) => {
      assertAlive();
      const { method = "GET", signal: own } = init;
      const url = new URL(input instanceof Request ? input.url : input);
      const headers = new Headers(init.headers);
      const key = headers.get("idempotency-key");
      if (method !== "GET" && key !== null) {
        const ref = decodeURIComponent(headers.get("x-holdfast-ref") ?? "");
        await this.observed.send({ key, ref, path: url.pathname, body: textOf(init.body) });
      }
      assertAlive();
      const what = `${method} ${url.pathname}${key === null ? "" : ` ${key}`}`;
      this.trace(what);
      const signal =
        own === null || own === undefined ? end.signal : AbortSignal.any([own, end.signal]);
      try {
        const response = await this.#send(input, { ...init, signal });
        this.trace(`${what} ${response.status}`);
        return response;
      } catch (error) {
        this.trace(`${what} ${error instanceof Error ? error.message : String(error)}`);
        throw error;
      }
    };
  }

  #log(): Log {
    const line =
      (level: string) =>
      (message: string, fields: LogFields = {}): void => {
        this.trace(`${level}: ${message}`);
        if (fields["code"] === "HF-ENGINE-FAILED")
          this.observed.wrong.push({ rule: "no bug of its own", what: message });
      };
    return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  }
}

/** The client sends text. */
function textOf(body: RequestInit["body"]): string {
  return typeof body === "string" ? body : "";
}

function secretsIn(saved: Map<string, string>): SecretStore {
  return {
    async save(name, value) {
      saved.set(name, value);
      return `secret:${name}`;
    },
    read: (name) => saved.get(name),
  };
}

function opened<Part>(part: Part | undefined): Part {
  if (part !== undefined) return part;
  throw new HoldfastError("HF-ENGINE-CLOSED", "This world has not been opened.");
}
