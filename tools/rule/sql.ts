// SQL stands in the store folders only. Told by how a string begins, in the capitals that all our SQL uses.

import { SQL_PLACES } from "../layers.ts";
import { isTest } from "../tree/source.ts";
import { visit } from "../tree/visit.ts";
import { isUnder, placeOf } from "./place.ts";
import type { Rule, Violation } from "./rule.ts";

const STATEMENT =
  /^\s*(?:SELECT|INSERT (?:OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM|WITH \w+ AS|PRAGMA)\b/;
const DEFINITION = /^\s*(?:CREATE|DROP|ALTER) (?:TABLE|INDEX|UNIQUE|TRIGGER|VIEW)\b/;

export const sql: Rule = {
  name: "sql",
  *check({ sources }) {
    for (const { path, program, lineOf } of sources.values()) {
      if (placeOf(path)?.package === undefined) continue;
      if (isTest(path) || isUnder(path, SQL_PLACES)) continue;
      const found: Violation[] = [];
      visit(program, (node) => {
        let text: unknown;
        if (node.type === "Literal") text = node.value;
        else if (node.type === "TemplateElement") text = node.value.cooked;
        if (typeof text === "string" && (STATEMENT.test(text) || DEFINITION.test(text))) {
          found.push({ path, line: lineOf(node.start), message: "SQL belongs in a store folder" });
        }
      });
      yield* found;
    }
  },
};
