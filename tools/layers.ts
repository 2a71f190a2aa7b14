// The one table of who may import whom. Everything that checks, draws or packs the layers reads it here; a
// new package, or a new arrow between packages, is a change of this file and of nothing else.

export interface Layer {
  /** Specifiers of our own packages that its sources may import; type-only imports count. */
  readonly imports: readonly string[];
  /** What its tests (`*.test.ts`) may import beside that. */
  readonly testImports: readonly string[];
  /** Third-party packages that its sources may import. Absent: those that its manifest declares. */
  readonly thirdParty?: readonly string[];
  /** Whether its sources may import `node:*`. */
  readonly node: boolean;
  /** Folders of `src`, lowest first: each may import only those before it. Absent: no order. */
  readonly folders?: readonly string[];
}

const CORE = ["@holdfast/core", "@holdfast/core/internal"];
const FAIR = "@holdfast/purpleflea/fair";
const PURPLEFLEA = [
  "@holdfast/purpleflea",
  "@holdfast/purpleflea/stream",
  "@holdfast/purpleflea/wire",
  FAIR,
];
const TESTING = ["@holdfast/testing", "@holdfast/testing/clock"];

/** Keyed by the folder under `packages`. What is not named here does not exist. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  core: {
    imports: [],
    testImports: ["@holdfast/core", ...TESTING],
    thirdParty: ["@noble/hashes"],
    node: false,
    folders: [
      "base",
      "policy",
      "activity",
      "workflow",
      "flow",
      "schedule",
      "event",
      "asset",
      "guard",
      "port",
      "client",
    ],
  },
  testing: { imports: CORE, testImports: [], node: true },
  purpleflea: { imports: CORE, testImports: TESTING, node: true },
  guard: { imports: CORE, testImports: TESTING, node: true },
  engine: { imports: [...CORE, "@holdfast/guard"], testImports: TESTING, node: true },
  storage: { imports: [...CORE, "@holdfast/guard"], testImports: TESTING, node: true },
  notify: { imports: CORE, testImports: ["@holdfast/engine", ...TESTING], node: true },
  temporal: {
    imports: [
      ...CORE,
      "@holdfast/engine",
      "@holdfast/engine/activity-side",
      "@holdfast/engine/workflow-side",
      "@holdfast/storage",
    ],
    testImports: TESTING,
    node: true,
  },
  sandbox: {
    imports: [...CORE, "@holdfast/purpleflea/wire", FAIR],
    testImports: ["@holdfast/purpleflea", "@holdfast/purpleflea/stream", ...TESTING],
    node: true,
  },
  agents: {
    imports: ["@holdfast/core", "@holdfast/purpleflea"],
    testImports: ["@holdfast/engine", "@holdfast/sandbox", ...TESTING],
    node: true,
  },
  holdfast: {
    imports: [
      ...CORE,
      ...PURPLEFLEA,
      ...TESTING,
      "@holdfast/agents",
      "@holdfast/engine",
      "@holdfast/notify",
      "@holdfast/sandbox",
    ],
    testImports: [],
    node: true,
  },
  "create-holdfast": { imports: ["holdfast/bin"], testImports: [], node: true },
};

/** Folders beside `packages`: "any" may import every package, "users" only what users install. */
export const FOLDERS: Readonly<Record<string, "any" | "users" | "none">> = {
  bench: "any",
  examples: "users",
  proof: "any",
  test: "any",
  tools: "none",
};

/** Where SQL and `node:sqlite` may stand in the sources of packages. */
export const SQL_PLACES: readonly string[] = [
  "packages/engine/src/store/",
  "packages/guard/",
  "packages/sandbox/src/store/",
  "packages/storage/",
];

/** Where the time, the randomness and the timers of the machine may be used. */
export const CLOCK_PLACES: readonly string[] = [
  "bench/",
  "packages/engine/src/clock/",
  "packages/holdfast/src/terminal/",
  "packages/purpleflea/src/clock/",
  "packages/sandbox/src/clock/",
  "packages/temporal/src/clock/",
  // Inside Temporal's sandbox the clock is the history's.
  "packages/temporal/src/workflow/",
  "packages/testing/",
  "proof/",
  "test/",
  "tools/",
  "packages/purpleflea/src/client/timer.ts",
];

/** Lines of a source file, at most: a longer one holds two ideas. */
export const FILE_LINES_MAX = 500;

/** The name that other packages import it by. */
export function packageName(folder: string): string {
  return folder.endsWith("holdfast") ? folder : `@holdfast/${folder}`;
}
