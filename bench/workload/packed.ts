// How long a user of the packed packages waits: for the first durable run, in a program of his own and under
// `holdfast dev`, for an import, and for the command line's help. Cold is without the compile cache, warm with
// it filled by an earlier start. The floor of a run is a bare process that commits one row; that of an import
// and of the help a bare process.

import { join } from "node:path";
import { type ChildOptions, timeToWord } from "../child/process.ts";
import { type Installed, installed } from "../installed.ts";
import type { Figure, Part, Place, Workload } from "../workload.ts";

const FLOOR = new URL("../child/first.ts", import.meta.url);
/** The target of durable.md: the first run, warm. */
const FIRST_RUN_MS = 300;

interface Start {
  readonly name: string;
  readonly floor: "row" | "process";
  readonly targetMs?: number;
  /** The script below the project, and its arguments. */
  readonly command: (place: Place) => readonly string[];
  readonly word: string;
  /** How it ends. Default: by itself. */
  readonly end?: "interrupted";
}

const importOf = (name: string, entry: string): Start => ({
  name,
  floor: "process",
  command: () => ["import.mjs", entry],
  word: "done",
});

const BIN = "node_modules/holdfast/bin/holdfast.mjs";
const FIRST_LINE_OF_HELP = "Usage: holdfast [options] [command]";

const starts: readonly Start[] = [
  {
    name: "packed_first_run",
    floor: "row",
    targetMs: FIRST_RUN_MS,
    command: (place) => ["program.ts", nextFile(place)],
    word: "done",
  },
  {
    name: "dev_first_run",
    floor: "row",
    command: (place) => [BIN, "dev", "--state", nextFile(place)],
    word: "done",
    end: "interrupted",
  },
  importOf("import", "holdfast"),
  importOf("import_engine", "@holdfast/engine"),
  importOf("import_testing", "holdfast/testing"),
  { name: "cli_help", floor: "process", command: () => [BIN, "--help"], word: FIRST_LINE_OF_HELP },
];

let files = 0;
function nextFile({ folder }: Place): string {
  files += 1;
  return join(folder, `${files}`);
}

function optionsOf({ project, cache }: Installed, warm: boolean): ChildOptions {
  const env = warm ? { NODE_COMPILE_CACHE: cache } : { NODE_DISABLE_COMPILE_CACHE: "1" };
  return { cwd: project, env };
}

let filled: Installed | undefined;

/** Starts each once, to its own end: that is when Node writes the cache. */
async function fillCache(place: Place): Promise<Installed> {
  const packed = installed();
  if (filled === packed) return packed;
  for (const { command, word, end = "by-itself" } of starts) {
    const options = { ...optionsOf(packed, true), end } as const;
    const whole = command(place);
    await timeToWord(scriptOf(packed, whole), argumentsOf(whole), word, options);
  }
  filled = packed;
  return packed;
}

const scriptOf = ({ project }: Installed, [script = ""]: readonly string[]): string =>
  join(project, script);
const argumentsOf = (command: readonly string[]): readonly string[] => command.slice(1);

const engine: Part = async (place) => {
  const packed = await fillCache(place);
  const values: number[] = [];
  for (const { command, word } of starts) {
    for (const warm of [true, false]) {
      const whole = command(place);
      const script = scriptOf(packed, whole);
      values.push(await timeToWord(script, argumentsOf(whole), word, optionsOf(packed, warm)));
    }
  }
  return values;
};

const floor: Part = async (place) => {
  const { project } = await fillCache(place);
  const row = await timeToWord(FLOOR, ["floor", nextFile(place)], "done");
  const bare = await timeToWord(join(project, "import.mjs"), [], "done");
  return starts.flatMap((start) => {
    const value = start.floor === "row" ? row : bare;
    return [value, value];
  });
};

function figuresOf({ name, targetMs }: Start): readonly Figure[] {
  const target = targetMs === undefined ? {} : { target: { of: "value", aim: targetMs } as const };
  return [
    { id: `startup.${name}_ms`, unit: "ms", better: "lower", ...target },
    { id: `startup.${name}_cold_ms`, unit: "ms", better: "lower" },
  ];
}

/** From the start of a process to its word, each warm and cold, from the packed packages. */
export const packedStartup: Workload = {
  figures: starts.flatMap(figuresOf),
  children: true,
  engine,
  floor,
};
