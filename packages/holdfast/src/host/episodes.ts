// Makes notices of what waits for a person. An episode is raised when it is first seen and is over when it is not seen
// any more; the run that tells it stands for it, so that a restart neither forgets one nor tells it twice.

import { hash } from "node:crypto";
import {
  type DeadLetter,
  type DeadLetterPage,
  type Engine,
  type HostedEngine,
  type Log,
  type RunSummary,
  encode,
  hasCode,
  toFailure,
} from "@holdfast/core";
import { type Notice, TEXT_MAX, TITLE_MAX, notification } from "@holdfast/notify";
import type { Config } from "../config/config.ts";

/** Runs that wait for a person, above which that is told by itself. */
export const DEAD_LETTERS_ABOVE = 10;
/** Episodes of single runs that are told at once; beyond them it is the number that is told. */
const EPISODES_MAX = 100;
/** Ids of the runs that tell. */
const PREFIX = "notify/";
/** Ids of those that stand for dead letters: what others have raised is theirs. */
const OWN = `${PREFIX}dead/`;
const MANY = `${OWN}many`;
const ATTACH = { onClosed: "attach" } as const;

export type Wanted = Pick<Notice, "level" | "title" | "text">;

/** Something that is to be told of as long as it lasts. */
export interface EpisodeSource {
  /** What the ids of its telling runs begin with, such as `notify/dead/`: what others have raised is theirs. */
  readonly prefix: string;
  /** What is to be told now, by the id of the run that tells it. */
  read(engine: Engine): Promise<{
    readonly wanted: ReadonlyMap<string, Wanted>;
    /** False where there may be more: then nothing is taken for over. */
    readonly isWhole: boolean;
  }>;
  /** What is told when it is over. */
  readonly over: string;
  /** True for an id that comes again under the same name. Default: none does. */
  comesAgain?(id: string): boolean;
}

export interface EpisodesOptions {
  readonly config: Config;
  readonly log: Log;
  /** The account under which the telling runs stand. */
  readonly account: string;
  /** What is told beside the runs that wait for a person. */
  readonly sources?: readonly EpisodeSource[];
}

export class Episodes {
  readonly #options: EpisodesOptions;
  #engine: HostedEngine | undefined;
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(options: EpisodesOptions) {
    this.#options = options;
  }

  /** Looks at what the last process has left, and from now on at what this engine has. */
  attach(engine: HostedEngine): Promise<void> {
    this.#engine = engine;
    return this.look();
  }

  /**
   * Looks at what is to be told as it is, and raises and ends episodes. What is called while it looks makes it look
   * once more. Never rejects: what goes wrong is logged, and the next change looks again.
   */
  look(): Promise<void> {
    this.#again = true;
    this.#looking ??= this.#lookOn().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookOn(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#compare();
      } catch (error) {
        // The next process looks when it opens.
        if (hasCode(error, "HF-ENGINE-CLOSED")) return;
        const { code, message } = toFailure(error);
        this.#options.log.error(`Cannot look what is to be told: ${message}`, { code });
      }
    }
  }

  async #compare(): Promise<void> {
    const engine = this.#engine;
    if (engine === undefined) return;
    const { config, sources = [] } = this.#options;
    for (const source of [deadLetterSource(config), ...sources])
      await this.#compareWith(engine, source);
  }

  async #compareWith(engine: HostedEngine, source: EpisodeSource): Promise<void> {
    const { account } = this.#options;
    const { wanted, isWhole } = await source.read(engine);
    const { runs } = await engine.list({ idPrefix: source.prefix, status: "open", limit: 1_000 });
    const open = new Set(runs.map(({ id }) => id));
    for (const [id, notice] of wanted) {
      if (open.has(id)) continue;
      const input = { ...notice, episode: id.slice(PREFIX.length), lasts: true };
      const again = source.comesAgain?.(id) === true;
      const anew = again ? ({ onClosed: "restart", effects: "again" } as const) : ATTACH;
      await engine.client.start(notification, input, { id, account, ...anew });
    }
    if (!isWhole) return;
    for (const run of runs) if (!wanted.has(run.id)) await over(engine, run, source.over);
  }
}

/** Runs that wait for a person. */
function deadLetterSource(config: Config): EpisodeSource {
  return {
    prefix: OWN,
    over: "It does not wait for a person any more.",
    // Only their number comes again under the same name.
    comesAgain: (id) => id === MANY,
    async read(engine) {
      const letters = await engine.dead({ limit: EPISODES_MAX });
      // Of letters beyond the page it is not known whether they are still there.
      const isWhole = letters.total <= letters.letters.length;
      return { wanted: wantedOf(letters, config), isWhole };
    },
  };
}

/** Undefined where the project tells nobody. The telling runs stand under its first account. */
export function episodesOf(
  options: Omit<EpisodesOptions, "account">,
  { names }: { readonly names: readonly string[] },
): Episodes | undefined {
  if (options.config.notify === undefined) return undefined;
  return new Episodes({ ...options, account: names[0] ?? "default" });
}

/** The request's id is made of the run's: told twice, it is one signal. */
async function over(engine: Engine, { id, runId }: RunSummary, text: string): Promise<void> {
  const payload = encode({ text });
  await engine.apply([{ kind: "signal", id, signal: "over", payload, requestId: `${runId}/over` }]);
}

/** What is to be told of the dead letters as they are, by the id of the run that tells it. */
function wantedOf({ letters, total }: DeadLetterPage, config: Config): ReadonlyMap<string, Wanted> {
  const { deadLettersAbove = DEAD_LETTERS_ABOVE, critical } = config.notify ?? {};
  const important = new Set(critical ?? (config.fleet ?? []).map(({ id }) => id));
  const wanted = new Map<string, Wanted>();
  for (const letter of letters) {
    if (letter.workflow === notification.name) continue;
    // Told with all that is asked, and with a link.
    if (letter.kind === "awaiting-approval") continue;
    if (letter.kind === "failed" && !important.has(letter.id)) continue;
    wanted.set(idOf(letter), noticeOf(letter));
  }
  if (total > deadLettersAbove) {
    const title = `More than ${deadLettersAbove} runs wait for a person`;
    wanted.set(MANY, { level: "critical", title, text: "See them: holdfast dead list" });
  }
  return wanted;
}

/** Longer ids are told by their digest: with all around it an id must stay one, in bytes. */
const ID_BYTES = 180;

/** Another letter of the same run is another episode. */
function idOf({ id, kind, firstAt }: DeadLetter): string {
  const name = `${OWN}${kind}/${id}/${firstAt}`;
  return Buffer.byteLength(name) <= ID_BYTES ? name : `${OWN}${kind}/${hash("sha256", name)}`;
}

const WHAT: Readonly<Record<DeadLetter["kind"], string>> = {
  "in-doubt": "An effect is in doubt",
  quarantined: "A call is in quarantine",
  "awaiting-approval": "An effect awaits approval",
  stuck: "A run is stuck",
  failed: "A run has failed",
};

function noticeOf({ id, kind, code, message, suggestion }: DeadLetter): Wanted {
  const title = `${WHAT[kind]}: ${id}`.slice(0, TITLE_MAX).toWellFormed();
  const text = `${code}: ${message}\n\nSee it: holdfast dead show ${id} (${suggestion})`;
  const level = kind === "failed" ? "warning" : "critical";
  return { level, title, text: text.slice(0, TEXT_MAX).toWellFormed() };
}
