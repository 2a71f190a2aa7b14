// What a workflow may not use, why, and what it uses instead. Only names: where they are used is found elsewhere.

/** Why something gives another thing on replay, and the way out. */
export interface Advice {
  readonly why: string;
  readonly instead: string;
}

const TIME: Advice = { why: "a replay sees another time", instead: "ctx.now()" };
const RANDOM: Advice = {
  why: "a replay gets another value",
  instead: "ctx.random() or ctx.uuid()",
};
const TIMER: Advice = {
  why: "the journal knows nothing of this timer, so no restart brings it back",
  instead: "ctx.sleep() or ctx.until()",
};
const WORLD: Advice = {
  why: "what comes from outside is not in the journal",
  instead: "an activity",
};
const MACHINE: Advice = {
  why: "another process may replay the run, with other settings",
  instead: "the workflow's input, or an activity",
};
const LOADED: Advice = {
  why: "the workflow waits for something that is not in the journal",
  instead: "an import at the top of the file",
};

/** Of variables and containers that functions of a module change. */
export const SHARED: Advice = {
  why: "all runs of a process share it, and a restart forgets it",
  instead: "a variable inside run, or the state of ctx.loop",
};

const GLOBALS: Readonly<Record<string, Advice>> = {
  "new Date()": TIME,
  "Date()": TIME,
  "Date.now": TIME,
  performance: TIME,
  "Math.random": RANDOM,
  crypto: RANDOM,
  setTimeout: TIMER,
  setInterval: TIMER,
  setImmediate: TIMER,
  fetch: WORLD,
  WebSocket: WORLD,
  EventSource: WORLD,
  process: MACHINE,
  "import()": LOADED,
};

/** Of a global as it is written, such as `Math.random` or `process.env`; undefined for what may be used. */
export function adviceOnGlobal(path: string): Advice | undefined {
  const [first = ""] = path.split(".");
  return lookUp(GLOBALS, path) ?? lookUp(GLOBALS, first);
}

const BUILTINS: Readonly<Record<string, Advice>> = {
  crypto: RANDOM,
  perf_hooks: TIME,
  process: MACHINE,
  os: MACHINE,
  timers: TIMER,
  "timers/promises": TIMER,
};

/** Modules of Node that only compute. */
const PURE = new Set([
  "assert",
  "assert/strict",
  "buffer",
  "path",
  "path/posix",
  "path/win32",
  "punycode",
  "querystring",
  "string_decoder",
  "url",
  "util",
]);
const PURE_CRYPTO = new Set(["createHash", "createHmac", "hash", "timingSafeEqual"]);

/** Of what a module of Node exports; undefined for what only computes. */
export function adviceOnBuiltin(specifier: string, name: string | undefined): Advice | undefined {
  const module = specifier.replace(/^node:/u, "");
  if (PURE.has(module) || (module === "crypto" && PURE_CRYPTO.has(name ?? ""))) return undefined;
  return lookUp(BUILTINS, module) ?? WORLD;
}

function lookUp(table: Readonly<Record<string, Advice>>, name: string): Advice | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
