// The page that plays a settled bet again in the browser. It is served with the very modules that the venue
// settles by; where they are still TypeScript, their types are taken off on the way. It needs nothing else.

import { readFileSync, readdirSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import type { Env, Hono } from "hono";
import { ProblemError, problemResponse } from "./problem.ts";

export const FAIRNESS_PATH = "/casino/fairness";

const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-cache",
} as const;

const ASSETS = new URL("../casino/page/", import.meta.url);
const FORMULAS = new URL(".", import.meta.resolve("@holdfast/purpleflea/fair"));

/** Adds the page, its style and script, and the formulas as modules. All are open to everybody. */
export function addFairnessPage<Own extends Env>(app: Hono<Own>): void {
  const asset = (path: string, name: string, type: string): void => {
    app.get(path, () => serve(readFileSync(new URL(name, ASSETS), "utf8"), type));
  };
  asset(FAIRNESS_PATH, "fairness.html", "text/html");
  asset(`${FAIRNESS_PATH}/fairness.css`, "fairness.css", "text/css");
  asset(`${FAIRNESS_PATH}/fairness.mjs`, "fairness.mjs", "text/javascript");
  app.get(`${FAIRNESS_PATH}/fair/:file`, (c) => {
    const source = formula(c.req.param("file"));
    if (source !== undefined) return serve(source, "text/javascript");
    const detail = `The page has no ${c.req.path}.`;
    return problemResponse(new ProblemError("unknown_path", detail));
  });
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

function serve(body: string, type: string): Response {
  return new Response(body, { headers: { "content-type": `${type}; charset=utf-8`, ...HEADERS } });
}
