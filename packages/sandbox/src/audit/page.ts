// The audit as a page: one number first, then what it is made of. No script, no asset from elsewhere; all text
// that agents supply is escaped.

import type { Audit } from "./audit.ts";

export function auditPage(audit: Audit): string {
  const clean = audit.duplicateEffects === 0 && audit.invariants.every(({ holds }) => holds) && audit.ledgerSum === "0";
  const figures: readonly (readonly [string, string | number])[] = [
    ["effects with a business name", audit.effects],
    ["business names (refs)", audit.refs],
    ["repetitions answered from memory", audit.replays],
    ["effects without a key", audit.keyless],
    ["effects without a name", audit.unnamed],
    ["sum over the ledger (micro-USDC)", audit.ledgerSum],
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Audit: ${audit.duplicateEffects} duplicate effects</title>
<style>
:root { color-scheme: light dark; --good: #15803d; --bad: #b91c1c; --line: #8884; }
@media (prefers-color-scheme: dark) { :root { --good: #4ade80; --bad: #f87171; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.1rem; font-weight: 600; } h2 { font-size: 1rem; margin-top: 2rem; }
.figure { font-size: 4rem; font-weight: 700; line-height: 1; margin: 0; color: var(${clean ? "--good" : "--bad"}); }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .35rem .5rem; border-top: 1px solid var(--line); }
td:last-child { text-align: right; font-variant-numeric: tabular-nums; } .good { color: var(--good); } .bad { color: var(--bad); }
code { font-size: .9em; } .note { opacity: .7; }
</style></head><body>
<h1>Audit of the paper venue <code>${escape(audit.venue)}</code></h1>
<p class="figure">${audit.duplicateEffects}</p>
<p>duplicate effects: effects beyond the first of their business name. ${clean ? "Everything adds up." : "<strong class=bad>Something happened twice, or does not add up.</strong>"}</p>
<table>${figures.map(([name, value]) => `<tr><td>${name}</td><td>${escape(String(value))}</td></tr>`).join("")}</table>
${doubled("Names with more than one effect", audit.refsWithMoreThanOneEffect.map(({ agent, ref, effects }) => [agent, ref, effects]))}
${doubled("Keys with more than one effect", audit.keysWithMoreThanOneEffect.map(({ agent, key, effects }) => [agent, key, effects]))}
<h2>Invariants</h2>
<table>${audit.invariants
    .map(({ name, holds, detail }) => `<tr><td>${escape(name)}</td><td class="${holds ? "good" : "bad"}">${holds ? "holds" : `broken ${escape(detail)}`}</td></tr>`)
    .join("")}</table>
<p class="note">The same as JSON: ask for this address with <code>accept: application/json</code>, as curl does.</p>
</body></html>`;
}

function doubled(title: string, rows: readonly (readonly [string, string, number])[]): string {
  if (rows.length === 0) return "";
  return `<h2 class="bad">${title}</h2><table>${rows
    .map(([agent, name, effects]) => `<tr><td>${escape(agent)}</td><td><code>${escape(name)}</code></td><td>${effects}</td></tr>`)
    .join("")}</table>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}
