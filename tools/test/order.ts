// In which order the tests run: the longest first, so that no processor waits at the end for the last one. Only
// a full run has files of minutes.

/** Files that take more than a minute in a full run, the longest first. */
const LONGEST: readonly string[] = [
  "packages/sandbox/src/random.test.ts",
  "packages/temporal/src/contract.test.ts",
  "test/no-keys.test.ts",
  "test/kill.test.ts",
  "packages/sandbox/src/escrow/random.test.ts",
  "test/storm.test.ts",
  "packages/temporal/src/deploy/deploy.test.ts",
  "test/cluster-kill.test.ts",
  "test/cluster-quarantine.test.ts",
  "test/cluster-orphan.test.ts",
  "test/cluster-reset.test.ts",
  "test/cluster-move.test.ts",
  "packages/holdfast/src/cli/guard.test.ts",
  "test/crossing-kill.test.ts",
  "packages/sandbox/src/http/fuzz.test.ts",
  "packages/holdfast/src/cli/watch.test.ts",
];

/** The files, with those that take longest first and the others in their order. */
export function longestFirst(files: readonly string[]): readonly string[] {
  const first = LONGEST.filter((file) => files.includes(file));
  return [...first, ...files.filter((file) => !first.includes(file))];
}

/** Of the listed files, those that are not there: the list is out of date. */
export function missing(files: readonly string[]): readonly string[] {
  return LONGEST.filter((file) => !files.includes(file));
}
