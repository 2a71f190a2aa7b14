// The page of an error code, as commands and problem documents name it: relative to the repository and to the
// published package, which both carry it. A test holds every code to its page.

/** Undefined for a code that is the project's own. */
export function pageOf(code: string): string | undefined {
  return /^(?:HF|PF)-[A-Z0-9-]+$/u.test(code) ? `docs/reference/errors/${code}.md` : undefined;
}
