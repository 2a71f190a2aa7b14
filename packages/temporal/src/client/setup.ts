// The search attributes that lists and dead letters ask for: made where that is wanted, else named.

import { HoldfastError } from "@holdfast/core";
import { ATTRIBUTES } from "../workflow/protocol.ts";
import type { Server } from "./server.ts";

/** Numbers of the server's types. */
const TYPES = { KEYWORD: 2, KEYWORD_LIST: 7 } as const;

/** @throws HF-TEMPORAL-ATTRIBUTES where some are missing and `setup` is false */
export async function ensureAttributes(server: Server, setup: boolean): Promise<void> {
  const { operatorService } = server.connection;
  const { namespace } = server;
  const missing = await missingAttributes(server);
  if (missing.length === 0) return;
  if (!setup) throw attributesMissing(namespace, missing);
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, TYPES[type]])),
  });
}

/** Names and types of those that the namespace lacks. */
export async function missingAttributes(
  server: Server,
): Promise<readonly (readonly [string, keyof typeof TYPES])[]> {
  const { namespace } = server;
  const { customAttributes } = await server.steadily(() =>
    server.connection.operatorService.listSearchAttributes({ namespace }),
  );
  return Object.entries(ATTRIBUTES).filter(([name]) => customAttributes?.[name] === undefined);
}

function attributesMissing(
  namespace: string,
  missing: readonly (readonly [string, string])[],
): HoldfastError {
  const names = missing.map(([name]) => name);
  return new HoldfastError(
    "HF-TEMPORAL-ATTRIBUTES",
    `Cannot use namespace "${namespace}": it lacks the search attributes ${names.join(", ")}. Set setup: true once, or create them with Temporal's own command line.`,
    { class: "state", disposition: "terminal", outcome: "not-sent", details: { missing: names } },
  );
}
