// What came of one run of the contract of the Engine port: which behaviours passed, by area, and what this way of
// running an engine leaves out.

import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";

export interface Way {
  /** As the suite calls it: "file, hot". */
  readonly name: string;
  /** Names of behaviours that passed, by area. */
  readonly passed: ReadonlyMap<string, readonly string[]>;
  readonly left: readonly LeftOut[];
}

export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/** A file takes no longer, unless it hangs. */
const FILE_MS_MAX = 1_500_000;
const SUITE = "engine contract: ";
const LEFT = "left out: ";

/** Runs a file that holds an engine to the contract. Throws where a behaviour failed, or none was run. */
export async function waysOf(file: string, tell: (line: string) => void): Promise<readonly Way[]> {
  const events: TestEvent[] = [];
  const running = run({ files: [file], concurrency: 1, timeout: FILE_MS_MAX });
  for await (const event of running as AsyncIterable<TestEvent>) {
    events.push(event);
    if (event.type === "test:pass" && event.data.nesting === 0) tell(event.data.name);
  }
  return read(events);
}

/** Reads the events of a run. Throws where a test failed or was skipped. */
export function read(events: readonly TestEvent[]): readonly Way[] {
  const ways = new Map<string, { passed: Map<string, string[]>; left: LeftOut[] }>();
  const names: string[] = [];
  for (const event of events) {
    if (event.type === "test:start") names[event.data.nesting] = event.data.name;
    const [suite = ""] = names;
    if (event.type === "test:fail")
      throw new Error(
        `Failed: ${names.slice(0, event.data.nesting).join(" > ")} > ${event.data.name}`,
      );
    if (event.type === "test:pass" && (event.data.skip ?? false) !== false)
      throw new Error(`Skipped: ${event.data.name} (${String(event.data.skip)})`);
    if (!suite.startsWith(SUITE)) continue;
    const name = suite.slice(SUITE.length);
    const way = ways.get(name) ?? { passed: new Map<string, string[]>(), left: [] };
    ways.set(name, way);
    if (event.type === "test:pass" && event.data.nesting === 2) {
      const [, area = ""] = names;
      way.passed.set(area, [...(way.passed.get(area) ?? []), event.data.name]);
    }
    if (event.type === "test:diagnostic" && event.data.message.startsWith(LEFT))
      way.left.push(leftOut(event.data.message.slice(LEFT.length)));
  }
  if (ways.size === 0) throw new Error("No behaviour of the contract was run.");
  return [...ways].map(([name, way]) => ({ name, ...way }));
}

/** "name (reason)", in which a name has no brackets but empty ones. */
function leftOut(text: string): LeftOut {
  const at = text.search(/ \((?!\))/u);
  return { name: text.slice(0, at), reason: text.slice(at + 2, -1) };
}
