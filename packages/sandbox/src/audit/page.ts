// The audit as a page: one number first, then what it is made of. No script, no asset from elsewhere; all text
// that callers supply is escaped.

import { type Audit, isClean } from "./audit.ts";

const STYLE = `
:root { color-scheme: light dark; --good: #15803d; --bad: #b91c1c; --line: #8884; }
@media (prefers-color-scheme: dark) { :root { --good: #4ade80; --bad: #f87171; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.1rem; font-weight: 600; } h2 { font-size: 1rem; margin-top: 2rem; }
.figure { font-size: 4rem; font-weight: 700; line-height: 1; margin: 0; }
table { border-collapse: collapse; width: 100%; overflow-wrap: anywhere; }
td, th { text-align: left; padding: .35rem .5rem; border-top: 1px solid var(--line); }
td:last-child, th:last-child { text-align: right; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .bad { color: var(--bad); } code { font-size: .9em; }
.note { opacity: .7; }`;

/** The page of an audit, complete. */
export function auditPage(audit: Audit): string {
  const tone = isClean(audit) ? "good" : "bad";
  const verdict = isClean(audit)
    ? "Everything adds up."
    : '<strong class="bad">Something happened twice, or does not add up.</strong>';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Audit: ${audit.duplicateEffects} duplicate effects</title><style>${STYLE}</style></head>
<body><h1>Audit of the paper venue <code>${escape(audit.venue)}</code></h1>
<p class="figure ${tone}">${audit.duplicateEffects}</p>
<p>duplicate effects: effects beyond the first of their business name. ${verdict}</p>
${table([], figures(audit))}
${doubled(audit)}
<h2>Invariants</h2>
${table([], audit.invariants.map(invariantRow))}
${agents(audit)}
<p class="note">The same as JSON: ask for this address with <code>Accept: application/json</code>.</p>
</body></html>`;
}

function figures(audit: Audit): readonly Row[] {
  return [
    ["effects with a business name", audit.effects],
    ["business names (refs) among them", audit.refs],
    ["effects without a business name", audit.unnamed],
    ["effects without a key", audit.keyless],
    ["repetitions answered from memory", audit.replays],
    ["sum over the ledger, in micro-USDC", audit.ledgerSum],
  ];
}

function doubled(audit: Audit): string {
  const refs = audit.refsWithMoreThanOneEffect.map((one): Row => {
    return [one.agent ?? "(registration)", one.ref, one.effects];
  });
  const keys = audit.keysWithMoreThanOneEffect.map((one): Row => {
    return [one.agent ?? "(registration)", one.operation, one.key, one.effects];
  });
  const parts: string[] = [];
  if (refs.length > 0) {
    const heading = '<h2 class="bad">Business names with more than one effect</h2>';
    parts.push(heading, table(["agent", "ref", "effects"], refs));
  }
  if (keys.length > 0) {
    const heading = '<h2 class="bad">Keys with more than one effect</h2>';
    parts.push(heading, table(["agent", "operation", "key", "effects"], keys));
  }
  return parts.join("\n");
}

function agents({ byAgent }: Audit): string {
  if (byAgent.length === 0) return "";
  const rows = byAgent.map((one): Row => {
    return [one.agent, one.unnamed, one.effects, one.refs, one.duplicateEffects];
  });
  const heads = ["agent", "unnamed", "named effects", "refs", "duplicates"];
  return `<h2>Agents</h2>${table(heads, rows)}`;
}

function invariantRow({ name, holds, detail }: Audit["invariants"][number]): Row {
  return [name, holds ? "holds" : `broken: ${detail}`];
}

type Row = readonly (string | number)[];

function table(heads: readonly string[], rows: readonly Row[]): string {
  const cells = (row: Row, tag: "td" | "th"): string =>
    row.map((cell) => `<${tag}>${escape(String(cell))}</${tag}>`).join("");
  const head = heads.length === 0 ? "" : `<tr>${cells(heads, "th")}</tr>`;
  return `<table>${head}${rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("")}</table>`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}
