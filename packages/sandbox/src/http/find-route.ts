// Finds the row of a path: those without variable parts at once, the others one after the other.

import { ProblemError } from "./problem.ts";
import { type Host, type Route, isPath } from "./route.ts";
import { ROUTES } from "./routes.ts";

const fixed = new Map<string, Route[]>();
const variable: Route[] = [];
for (const route of ROUTES) {
  const { host, path } = route;
  if (path.includes(":")) {
    variable.push(route);
    continue;
  }
  const here = fixed.get(`${host} ${path}`);
  if (here === undefined) fixed.set(`${host} ${path}`, [route]);
  else here.push(route);
}

/** Every row of a path, one for each method. */
function routesAt(host: Host, path: string): readonly Route[] {
  const other = variable.filter((route) => route.host === host && isPath(route.path, path));
  return [...(fixed.get(`${host} ${path}`) ?? []), ...other];
}

/** @throws ProblemError 404, 405 */
export function findRoute(host: Host, method: string, path: string): Route {
  const here = routesAt(host, path);
  // What is said to a HEAD is what a GET is told, without the body.
  const wanted = method === "HEAD" ? "GET" : method;
  const found = here.find((route) => route.method === wanted);
  if (found !== undefined) return found;
  if (here.length === 0) {
    throw new ProblemError("unknown_path", `The paper venue has no ${method} ${path}.`);
  }
  const allow = methodsOf(here);
  const detail = `${path} takes ${allow}, not ${method}.`;
  throw new ProblemError("method_not_allowed", detail, {}, { allow });
}

/** The methods of a path: "GET, HEAD, OPTIONS". @throws ProblemError 404 */
export function methodsAt(host: Host, path: string): string {
  const here = routesAt(host, path);
  if (here.length > 0) return methodsOf(here);
  throw new ProblemError("unknown_path", `The paper venue has no ${path}.`);
}

function methodsOf(routes: readonly Route[]): string {
  const methods = routes.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return [...new Set([...methods, "OPTIONS"])].join(", ");
}
