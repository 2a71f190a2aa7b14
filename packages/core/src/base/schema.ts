// Schemas through the Standard Schema interface, so that users bring zod, valibot or arktype. A schema is
// applied exactly once, where a value enters; after that only the codec touches the value.

import { HoldfastError } from "./error.ts";

/** Version 1 of the Standard Schema interface, as far as Holdfast uses it. */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a caller passes. */
export type InputOf<S> = S extends Schema<infer Input, infer _Output> ? Input : never;
/** What a body receives. */
export type OutputOf<S> = S extends Schema<infer _Input, infer Output> ? Output : never;

/**
 * Applies a schema to a value that enters.
 *
 * @throws HF-INPUT-INVALID with the path of each problem; HF-SCHEMA-ASYNC
 */
export function parseWith<Output>(
  schema: Schema<unknown, Output>,
  value: unknown,
  what: string,
): Output {
  const result = schema["~standard"].validate(value);
  if ("then" in result) throw asynchronous(what, result);
  if (result.issues === undefined) return result.value;
  const problems = result.issues.map((issue) => `${pathOf(issue)}: ${issue.message}`);
  throw new HoldfastError("HF-INPUT-INVALID", `Cannot accept ${what}: ${problems.join("; ")}.`, {
    class: "data",
    disposition: "refused",
    outcome: "not-sent",
    details: { problems },
  });
}

function pathOf(issue: SchemaIssue): string {
  let text = "";
  for (const part of issue.path ?? []) {
    const key = typeof part === "object" ? part.key : part;
    text += typeof key === "number" ? `[${key}]` : `${text === "" ? "" : "."}${String(key)}`;
  }
  return text === "" ? "value" : text;
}

function asynchronous(what: string, result: Promise<unknown>): HoldfastError {
  result.catch(() => undefined);
  return new HoldfastError(
    "HF-SCHEMA-ASYNC",
    `Cannot use the schema of ${what}: it is asynchronous. Do the asynchronous check in an activity.`,
  );
}

/** Refuses a schema that answers with a promise, as early as it can be seen: at definition. */
export function refuseAsynchronous(schema: Schema, what: string): void {
  const result = schema["~standard"].validate(undefined);
  if ("then" in result) throw asynchronous(what, result);
}

/** The schema of "nothing": accepts only undefined. */
export const nothing: Schema<void, void> = {
  "~standard": {
    version: 1,
    vendor: "holdfast",
    validate: (value) =>
      value === undefined || value === null
        ? { value: undefined }
        : { issues: [{ message: "expected nothing" }] },
  },
};
