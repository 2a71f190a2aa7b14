// Nothing in the repository names the machine it was written on, or the registry it was installed from.

import type { Rule } from "./rule.ts";

const HOME = String.raw`(?:home|root|Users|work|workspace|mnt|srv)/`;
const PATTERNS: readonly (readonly [string, RegExp])[] = [
  ["A machine's path", new RegExp(String.raw`(?<![\w.:/\\*\])}>$-])/${HOME}[\w.-]`)],
  ["A machine's path", /\b[A-Z]:\\+Users\\/],
  [
    "A registry's address",
    /https?:\/\/[^/\s"']*(?:registry|artifactory|nexus|verdaccio)[^/\s"']*/i,
  ],
  ["A registry's address", /"resolved": "https?:/],
  ["A registry's address", /^\s*(?:@\S+:)?registry\s*=/],
];

export const address: Rule = {
  name: "address",
  *check({ tree }) {
    for (const [path, text] of tree) {
      for (const [index, line] of text.split("\n").entries()) {
        const found = PATTERNS.find(([, pattern]) => pattern.test(line));
        if (found !== undefined) yield { path, line: index + 1, message: `${found[0]} in a file` };
      }
    }
  },
};
