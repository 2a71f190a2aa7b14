// The page that plays a settled bet again in the browser. It is served with the very modules that the venue
// settles by; where they are still TypeScript, their types are taken off on the way. It needs nothing else.

import { readFileSync, readdirSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { type Answer, problemAnswer } from "./answer.ts";
import { ProblemError } from "./problem.ts";

const FAIRNESS_PATH = "/casino/fairness";

const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-cache",
} as const;

const ASSETS = new URL("../casino/page/", import.meta.url);
const FORMULAS = new URL(".", import.meta.resolve("@holdfast/purpleflea/fair"));

/** Files of the page, and what they are. */
const FILES: ReadonlyMap<string, readonly [string, string]> = new Map([
  [FAIRNESS_PATH, ["fairness.html", "text/html"]],
  [`${FAIRNESS_PATH}/fairness.css`, ["fairness.css", "text/css"]],
  [`${FAIRNESS_PATH}/fairness.mjs`, ["fairness.mjs", "text/javascript"]],
]);
const FORMULA_PATH = `${FAIRNESS_PATH}/fair/`;

/** The page, its style and script, and the formulas as modules, open to everybody; undefined for other paths. */
export function fairnessPage(path: string): Answer | undefined {
  const file = FILES.get(path);
  if (file !== undefined) return serve(readFileSync(new URL(file[0], ASSETS), "utf8"), file[1]);
  if (!path.startsWith(FORMULA_PATH)) return undefined;
  const source = formula(path.slice(FORMULA_PATH.length));
  if (source !== undefined) return serve(source, "text/javascript");
  return problemAnswer(new ProblemError("unknown_path", `The page has no ${path}.`));
}

/** A module of the formulas as JavaScript; its name may end in .ts or .js, whatever lies there. */
function formula(name: string): string | undefined {
  const stem = /^([a-z-]+)\.[tj]s$/u.exec(name)?.[1];
  const found = readdirSync(FORMULAS).find(
    (file) => file === `${stem}.ts` || file === `${stem}.js`,
  );
  if (stem === undefined || found === undefined) return undefined;
  const source = readFileSync(fileURLToPath(new URL(found, FORMULAS)), "utf8");
  return found.endsWith(".ts") ? stripTypeScriptTypes(source) : source;
}

function serve(body: string, type: string): Answer {
  const headers = { "content-type": `${type}; charset=utf-8`, ...HEADERS };
  return { status: 200, headers, body };
}
