// What a strict venue refuses beside: writes without a key, and fields that it does not know. Off by default,
// because the guides' programs send neither keys nor only known fields.

import { Carriers } from "@holdfast/purpleflea/wire";
import { z } from "zod";
import type { RawBody } from "./body.ts";
import type { Carried } from "./caller.ts";
import { ProblemError } from "./problem.ts";
import type { WriteRoute } from "./route.ts";

interface Shape {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
}

const known = new WeakMap<WriteRoute, ReadonlySet<string>>();

/** @throws ProblemError 400 without a key, 422 where the body has a field that the path does not know */
export function checkStrictly(route: WriteRoute, body: RawBody, { key }: Carried): void {
  if (key === undefined) {
    const detail =
      "This venue is strict: each write needs a key. Send Idempotency-Key, client_request_id or idempotency_key.";
    throw new ProblemError("missing_key", detail);
  }
  let fields = known.get(route);
  if (fields === undefined) known.set(route, (fields = fieldsOf(route)));
  const unknown = Object.keys(body).filter((name) => !fields.has(name));
  if (unknown.length === 0) return;
  const problems = unknown.slice(0, SHOWN_MAX).map((name) => `${name.slice(0, NAME_MAX)}: unknown`);
  const detail = "This venue is strict: it takes no fields that it does not know.";
  throw new ProblemError("invalid_request", detail, { problems });
}

/** How many unknown fields are named, and how much of each name. */
const SHOWN_MAX = 10;
const NAME_MAX = 100;

/** Every name that the path reads: its own, the other spellings of them, and the carriers. */
function fieldsOf({ schema, aliases }: WriteRoute): ReadonlySet<string> {
  const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;
  return new Set([
    ...propertiesOf(shape),
    ...Object.values(aliases).flat(),
    ...Object.keys(Carriers.shape),
  ]);
}

function propertiesOf({ properties = {}, anyOf = [], oneOf = [], allOf = [] }: Shape): string[] {
  return [...Object.keys(properties), ...[...anyOf, ...oneOf, ...allOf].flatMap(propertiesOf)];
}
