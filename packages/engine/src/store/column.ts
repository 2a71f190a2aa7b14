// Reads columns that may hold nothing.

/** A number, or undefined for NULL. */
export function optionalNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
