// What an API key may do. A full key has every scope, also those of later versions, and does not expire: it
// alone makes and revokes keys.

import { ApiKeyScope } from "@holdfast/purpleflea/wire";

export type Scope = ApiKeyScope;

export const SCOPES: readonly Scope[] = ApiKeyScope.options;

/** What a path asks of a key: one scope, or a full key. */
export type NeededScope = Scope | "full";

/** How all scopes stand in the file. */
const ALL = "*";

export function writeScopes(scopes: readonly Scope[] | undefined): string {
  if (scopes === undefined || SCOPES.every((scope) => scopes.includes(scope))) return ALL;
  return SCOPES.filter((scope) => scopes.includes(scope)).join(" ");
}

export function readScopes(text: string): readonly Scope[] {
  if (text === ALL) return SCOPES;
  const kept = new Set(text.split(" "));
  return SCOPES.filter((scope) => kept.has(scope));
}

export function isAll(text: string): boolean {
  return text === ALL;
}
