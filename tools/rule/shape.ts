// The shape of a source file: it begins by saying what it is for, and it is short enough to hold one idea.

import { FILE_LINES_MAX } from "../layers.ts";
import type { Rule } from "./rule.ts";

export const size: Rule = {
  name: "size",
  *check({ sources }) {
    for (const { path, text } of sources.values()) {
      const lines = text.trimEnd().split("\n").length;
      if (lines <= FILE_LINES_MAX) continue;
      yield {
        path,
        line: FILE_LINES_MAX + 1,
        message: `${lines} lines: at most ${FILE_LINES_MAX}`,
      };
    }
  },
};

export const header: Rule = {
  name: "header",
  *check({ sources }) {
    for (const { path, text, comments } of sources.values()) {
      const start = /^(?:#!.*\n)?\s*/.exec(text)?.[0].length ?? 0;
      const first = comments.find((comment) => comment.start >= start);
      const says = first?.start === start && /\w/.test(first.value);
      if (!says)
        yield { path, line: 1, message: "No header comment that says what the file is for" };
    }
  },
};
