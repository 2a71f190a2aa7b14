// What a domain's name may be: one label of letters, digits and hyphens before an ending that the venue sells.
// A name that is not is refused with the reason.

import type { ProblemCode } from "@holdfast/purpleflea/wire";

/** Longest label, in characters. */
export const LABEL_LENGTH_MAX = 63;

export interface Name {
  readonly kind: "name";
  /** "example.com" */
  readonly name: string;
  readonly label: string;
  /** "com" */
  readonly ending: string;
}

/** Why a name cannot be. */
export interface BadName {
  readonly kind: "bad";
  readonly code: ProblemCode & ("domain_invalid" | "unknown_tld");
  readonly detail: string;
}

/** What is sold: its keys are the endings. */
interface Sold {
  readonly endings: Readonly<Record<string, unknown>>;
}

/** Reads "example.com". */
export function readName(text: string, { endings }: Sold): Name | BadName {
  const parts = text.split(".");
  const [label = "", ending = ""] = parts;
  if (parts.length !== 2) {
    return bad(
      `Expected one name and one ending, such as "example.com"; got ${parts.length} part(s).`,
    );
  }
  const problem = labelProblem(label);
  if (problem !== undefined) return bad(problem);
  if (!Object.hasOwn(endings, ending)) {
    const sold = Object.keys(endings).map((one) => `.${one}`);
    const detail = `This venue does not sell names with this ending. It sells ${sold.join(", ")}.`;
    return { kind: "bad", code: "unknown_tld", detail };
  }
  return { kind: "name", name: text, label, ending };
}

/** What is wrong with the part before the dot. */
export function labelProblem(label: string): string | undefined {
  if (label.length === 0) return "The name before the ending is empty.";
  if (label.length > LABEL_LENGTH_MAX) {
    return `The name before the ending has more than ${LABEL_LENGTH_MAX} characters.`;
  }
  if (/[A-Z]/u.test(label)) return "A domain is written in lower case.";
  if (!/^[a-z0-9-]+$/u.test(label)) return "A domain has letters a to z, digits and hyphens only.";
  if (label.startsWith("-") || label.endsWith("-")) {
    return "A domain neither begins nor ends with a hyphen.";
  }
  if (label.slice(2, 4) === "--") {
    return "Hyphens in third and fourth place are kept for encoded names, which are not sold here.";
  }
  return undefined;
}

function bad(detail: string): BadName {
  return { kind: "bad", code: "domain_invalid", detail };
}
