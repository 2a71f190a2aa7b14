// A reporter for pipes and logs: one line for each file, failures in full with what their file had printed.

import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";
import { isFailedBelow } from "./tally.reporter.ts";

/** The runner names the file it ran, too: a contract's tests are written in another one. */
interface Located {
  readonly file?: string | undefined;
  readonly entryFile?: string | undefined;
}

export default async function* compact(events: AsyncIterable<TestEvent>): AsyncIterable<string> {
  const names: string[] = [];
  const printed = new Map<string, string>();
  for await (const event of events) {
    const path = pathOf(event.data);
    switch (event.type) {
      case "test:start":
        names[event.data.nesting] = event.data.name;
        break;
      case "test:stdout":
      case "test:stderr":
        printed.set(path, (printed.get(path) ?? "") + event.data.message);
        break;
      case "test:fail": {
        const { details, nesting, name, todo } = event.data;
        if (todo !== undefined || isFailedBelow(details.error)) break;
        yield `FAILED ${path}: ${[...names.slice(0, nesting), name].join(" > ")}\n`;
        yield `${inspect(details.error.cause ?? details.error)}\n${printed.get(path) ?? ""}`;
        printed.delete(path);
        break;
      }
      case "test:summary": {
        const { counts, duration_ms: ms, success } = event.data;
        if (path === "") break;
        const tests = counts.tests === 1 ? "1 test" : `${counts.tests} tests`;
        yield `${success ? "ok" : "not ok"} ${path} (${tests}, ${Math.round(ms)} ms)\n`;
        break;
      }
      default:
    }
  }
}

function pathOf(data: Located | object | undefined): string {
  const { file, entryFile } = (data ?? {}) as Located;
  const path = entryFile ?? file;
  return path === undefined ? "" : relative(process.cwd(), path);
}
