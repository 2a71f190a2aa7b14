// Stands in for schema libraries in the sandbox, where no schema is applied: values are parsed where they enter,
// by callers and in activities. Building schemas works and gives nothing; applying one says so.

"use strict";

/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-return -- it stands in for anything */

const APPLYING = new Set(
  "parse safeParse parseAsync safeParseAsync decode encode assert allows".split(" "),
);

function refuse(name) {
  throw new Error(
    `HF-SCHEMA-IN-SANDBOX Cannot use a schema's "${name}" in a workflow on Temporal: schemas are not in the sandbox. Parse in an activity, or compare by hand.`,
  );
}

const standard = { version: 1, vendor: "holdfast", validate: (value) => ({ value }) };

const stub = new Proxy(function schema() {}, {
  get(_target, name) {
    if (name === "~standard") return standard;
    if (name === "__esModule") return true;
    if (typeof name === "symbol" || name === "then") return undefined;
    return APPLYING.has(name) ? refuse(name) : stub;
  },
  apply: () => stub,
  construct: () => stub,
});

module.exports = stub;
