// What all runs of a worker share in the sandbox: the built-in objects and their prototypes. Everything else is a
// run's own.

/** Built-in objects by name; those with a prototype count with it. */
const NAMES = [
  ..."Object Function Array String Number Boolean Symbol BigInt Date RegExp Promise Map Set WeakMap Error".split(
    " ",
  ),
  ..."TypeError RangeError ArrayBuffer DataView Uint8Array JSON Math Reflect Intl Iterator".split(
    " ",
  ),
] as const;

type Fields = ReadonlyMap<PropertyKey, unknown>;

/** What the built-in objects have now. */
export function shared(): ReadonlyMap<string, Fields> {
  const found = new Map<string, Fields>();
  for (const name of NAMES) {
    const value: unknown = Reflect.get(globalThis, name);
    if (!isObject(value)) continue;
    found.set(name, fieldsOf(value));
    const prototype: unknown = Reflect.get(value, "prototype");
    if (isObject(prototype)) found.set(`${name}.prototype`, fieldsOf(prototype));
  }
  return found;
}

/** Names of what was added, removed or replaced: "Array.prototype.last". */
export function changedSince(before: ReadonlyMap<string, Fields>): readonly string[] {
  const changed: string[] = [];
  for (const [name, fields] of shared()) {
    const old = before.get(name) ?? new Map<PropertyKey, unknown>();
    for (const key of new Set([...old.keys(), ...fields.keys()])) {
      if (!old.has(key) || !fields.has(key) || !Object.is(old.get(key), fields.get(key))) {
        changed.push(`${name}.${String(key)}`);
      }
    }
  }
  return changed;
}

function fieldsOf(value: object): Fields {
  return new Map(
    Reflect.ownKeys(value).map((key) => {
      const found = Reflect.getOwnPropertyDescriptor(value, key);
      return [key, found?.get ?? (found?.value as unknown)];
    }),
  );
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
