// A whole campaign: cuts it into tasks, hands them to processes, adds up what they counted.

import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { EFFECTS_PER_KILL, type Kills } from "./kill/kills.ts";
import { type Options, UsageError } from "./options.ts";
import { PATTERNS, isAsItMust, patternOf } from "./pattern/patterns.ts";
import { shardsOf } from "./plan.ts";
import { runTasks } from "./pool.ts";
import { ProgressLine, type ProgressTo } from "./progress.ts";
import { type Outcome, type Shown, commandOf } from "./report.ts";
import { NOTHING, type Tally, add, isClean } from "./tally.ts";
import { type Task, nameOf } from "./task.ts";

/** Kills of one world. */
const KILLS_PER_WORLD = 12;
/** Worlds of kills wait for real time: so many beside each other for each job. */
const KILL_LANES = 2;

export interface CampaignOptions {
  readonly options: Options;
  readonly progress: ProgressTo;
  readonly stop: AbortSignal;
}

/** @throws UsageError where the sizes do not fit together */
export async function runCampaign({ options, progress, stop }: CampaignOptions): Promise<Outcome> {
  const beganAt = performance.now();
  // As it is when the processes load it.
  const made = {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    machine: machine(),
  };
  const { shards, kills, patterns } = tasksOf(options);
  const effects = effectsOf([...shards, ...kills]);
  const line = new ProgressLine({ to: progress, now: () => performance.now(), effects });
  let tally: Tally = NOTHING;
  const shown: Shown[] = [];
  const failed: string[] = [];
  const wanted = shards.length + kills.length + patterns.length;
  let ended = 0;
  const handed = {
    stop,
    onProgress: (count: number) => {
      line.add(count);
    },
    onDone: (task: Task, one: Tally) => {
      ended += 1;
      if (task.kind === "pattern") {
        const { name, from } = patternOf(task.name);
        shown.push({ name, from, tally: one, isAsItMust: isAsItMust(patternOf(name), one) });
        return;
      }
      tally = add(tally, isClean(one) ? one : withRepeat(one, task, options));
    },
    onFailed: (task: Task, message: string) => {
      ended += 1;
      failed.push(`${nameOf(task)} failed: ${message}\n${repeat(task, options)}`);
    },
  };
  await Promise.all([
    runTasks({ ...handed, tasks: [...patterns, ...shards], jobs: options.jobs }),
    runTasks({ ...handed, tasks: kills, jobs: options.jobs * KILL_LANES }),
  ]);
  line.clear();
  const order = PATTERNS.map(({ name }) => name);
  return {
    options,
    tally,
    patterns: shown.sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name)),
    failed,
    isPartial: ended < wanted,
    durationMs: performance.now() - beganAt,
    ...made,
  };
}

interface Tasks {
  readonly shards: readonly Task[];
  readonly kills: readonly Task[];
  readonly patterns: readonly Task[];
}

/**
 * What a campaign is cut into.
 *
 * @throws UsageError where the sizes do not fit together
 */
export function tasksOf({ effects, crashes, kills, seed, shard, patterns }: Options): Tasks {
  const inShards = effects - kills * EFFECTS_PER_KILL;
  if (inShards < crashes * 5) {
    throw new UsageError(
      `Cannot do ${crashes} crashes and ${kills} kills in ${effects} effects: a kill takes ${EFFECTS_PER_KILL}, a crash 5.`,
    );
  }
  const all = shardsOf({ effects: inShards, crashes, seed });
  const chosen = shard === undefined ? all : all.slice(shard, shard + 1);
  if (shard !== undefined && chosen.length === 0) {
    throw new UsageError(`There is no shard ${shard}: this campaign has ${all.length}, from 0.`);
  }
  const worlds: Kills[] = [];
  for (let left = shard === undefined ? kills : 0; left > 0; left -= KILLS_PER_WORLD) {
    const count = Math.min(left, KILLS_PER_WORLD);
    const index = worlds.length;
    const of = { index, seed: `${seed}/kills/${index}`, kills: count };
    worlds.push({ ...of, effects: count * EFFECTS_PER_KILL });
  }
  return {
    shards: chosen.map((one) => ({ kind: "shard", shard: one })),
    kills: worlds.map((one) => ({ kind: "kills", kills: one })),
    patterns: patterns
      ? PATTERNS.map(({ name }) => ({ kind: "pattern", name, seed: String(seed) }))
      : [],
  };
}

function effectsOf(tasks: readonly Task[]): number {
  return tasks.reduce((sum, task) => {
    if (task.kind === "shard") return sum + task.shard.effects;
    return task.kind === "kills" ? sum + task.kills.effects : sum;
  }, 0);
}

function withRepeat(tally: Tally, task: Task, options: Options): Tally {
  return { ...tally, problems: [...tally.problems, repeat(task, options)] };
}

/** How to see again what went wrong. */
function repeat(task: Task, options: Options): string {
  const command = commandOf(options);
  if (task.kind === "shard") return `Repeat it with: ${command} --shard ${task.shard.index}`;
  return `Repeat it with: ${command}${task.kind === "kills" ? " (in real time: not at the very same moments)" : ""}`;
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const changed =
      git("status", "--porcelain", "--untracked-files=no") === "" ? "" : " with changes";
    return git("rev-parse", "--short=10", "HEAD") + changed;
  } catch {
    return "unknown";
  }
}

function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "unknown processor";
  return `${processors.length} × ${model}, Node ${process.version}`;
}
