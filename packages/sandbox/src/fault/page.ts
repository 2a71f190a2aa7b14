// Faults and clock as a page: what is armed and how often it hit, suites and rules to arm, the clock to move. Forms
// only, no script, no asset from elsewhere; all text that callers supply is escaped.

import type { ArmedFault } from "./faults.ts";
import { FAULT_KINDS, type FaultKind, type Scope, factsOf } from "./kind.ts";
import type { Suite } from "./suite.ts";

export interface FaultPage {
  readonly nonce: string;
  /** "?token=…", as the page's own address has it. */
  readonly query: string;
  readonly venue: string;
  readonly clock: { readonly mode: string; readonly now: number; readonly rate: number };
  readonly faults: readonly ArmedFault[];
  readonly suites: readonly Suite[];
  /** Why the last form was refused. */
  readonly problem: string | undefined;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8883; --soft: #8881; --accent: #2563eb; --bad: #b91c1c; --ink: #fff; }
@media (prefers-color-scheme: dark) { :root { --accent: #7aa2ff; --bad: #f87171; --ink: #0b1020; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2.5rem auto 5rem; padding: 0 1rem; }
h1 { font-size: 1.1rem; font-weight: 600; margin: 0 0 1.5rem; } h2 { font-size: 1rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; opacity: .65; margin: 1.5rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; } code { font-size: .9em; overflow-wrap: anywhere; }
td, th { text-align: left; padding: .45rem .6rem .45rem 0; border-top: 1px solid var(--line); vertical-align: top; }
th { font-size: .8rem; font-weight: 600; opacity: .65; border: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.card { border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.2rem; }
.clock { display: flex; flex-wrap: wrap; gap: .6rem 1.5rem; align-items: baseline; }
.time { font-size: 1.6rem; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin-top: .9rem; }
.row form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
.note { opacity: .7; margin: 0; } .bad { color: var(--bad); } .empty { padding: 1.5rem; text-align: center; }
button { font: inherit; padding: .3rem .8rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--soft);
  color: inherit; cursor: pointer; } button:hover { border-color: var(--accent); }
button.main { background: var(--accent); border-color: var(--accent); color: var(--ink); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
label { display: grid; gap: .15rem; font-size: .8rem; } label span { opacity: .7; }
input { font: inherit; font-size: .95rem; width: 9rem; padding: .28rem .5rem; border: 1px solid var(--line); border-radius: .4rem;
  background: transparent; color: inherit; }
details { border-top: 1px solid var(--line); } details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: .5rem 0; } summary strong { font-weight: 600; margin-right: .6rem; }
details form { padding: 0 0 1.2rem 1.1rem; } details p { margin: 0; padding-left: 1.1rem; }`;

/** The page, complete. */
export function faultPage(page: FaultPage): string {
  const { nonce, venue, problem } = page;
  const notice =
    problem === undefined ? "" : `<p class="card bad" role="alert">${escape(problem)}</p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Faults: ${page.faults.length} armed</title><style nonce="${nonce}">${STYLE}</style></head>
<body><h1>Faults and clock of the paper venue <code>${escape(venue)}</code></h1>
${notice}
${clockCard(page)}
<h2>Armed</h2>
${armedTable(page)}
<h2>Suites</h2>
${page.suites.map((suite) => suiteForm(suite, page)).join("\n")}
<h2>Single faults</h2>
${SCOPES.map((scope) => scopeForms(scope, page)).join("\n")}
</body></html>`;
}

const SCOPES: readonly (readonly [Scope, string])[] = [
  ["request", "Requests"],
  ["commit", "The venue's process"],
  ["delivery", "Events, on stream and webhooks"],
  ["connection", "Connections of the stream"],
];

const STEPS: readonly (readonly [number, string])[] = [
  [1_000, "1 s"],
  [60_000, "1 min"],
  [3_600_000, "1 h"],
  [86_400_000, "1 day"],
  [604_800_000, "1 week"],
];

function clockCard(page: FaultPage): string {
  const { mode, now, rate } = page.clock;
  const isFrozen = mode === "frozen";
  const pace = { frozen: "frozen", real: "as the machine's" }[mode] ?? `${rate} times as fast`;
  const advance = STEPS.map(
    ([by, text]) => `<button name="by" value="${by}">+ ${text}</button>`,
  ).join(" ");
  return `<section class="card" aria-label="Clock"><div class="clock">
<span class="time">${new Date(now).toISOString().replace("T", " ").replace("Z", " UTC")}</span>
<span class="note">${escape(pace)}</span></div>
<div class="row">${form(page, "clock", '<button name="mode" value="frozen">Freeze</button> <button name="mode" value="real">Real</button>')}
${form(page, "clock", `${hidden("mode", "scaled")}${field("rate", "60", "times")}<button>Scale</button>`)}</div>
${isFrozen ? `<div class="row">${form(page, "clock/advance", advance)}</div>` : '<p class="note">Freeze it to move it by hand.</p>'}
</section>`;
}

function armedTable(page: FaultPage): string {
  if (page.faults.length === 0)
    return '<p class="card empty note">Nothing goes wrong by itself.</p>';
  const rows = page.faults.map((fault) => {
    const { kind, ...rest } = fault.rule;
    const words = Object.entries(rest).map(([name, value]) => `${name} ${wordOf(name, value)}`);
    const suite =
      fault.suite === undefined ? "" : ` <span class="note">${escape(fault.suite)}</span>`;
    return `<tr><td class="number">${fault.id}</td><td><strong>${escape(kind)}</strong>${suite}</td>
<td><code>${escape(words.join(" · "))}</code></td><td class="number">${fault.seen}</td>
<td class="number">${fault.hits}</td>
<td class="number">${form(page, "faults/clear", `${hidden("id", String(fault.id))}<button aria-label="Clear fault ${fault.id}">Clear</button>`)}</td></tr>`;
  });
  return `<table><tr><th class="number">no.</th><th>kind</th><th>parameters</th><th class="number">seen</th><th class="number">hit</th><th></th></tr>
${rows.join("\n")}</table><div class="row">${form(page, "faults/clear", "<button>Clear all</button>")}</div>`;
}

const INSTANTS: ReadonlySet<string> = new Set(["from", "until", "since"]);

function wordOf(name: string, value: unknown): string {
  if (typeof value === "number" && INSTANTS.has(name)) return isoOf(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** An instant as text; what no calendar holds as its number. */
function isoOf(at: number): string {
  return Math.abs(at) <= DATE_MAX ? new Date(at).toISOString() : String(at);
}

const DATE_MAX = 8_640_000_000_000_000;

function suiteForm({ name, proves, parameters }: Suite, page: FaultPage): string {
  const fields = Object.entries(parameters).map(([parameter, value]) =>
    field(parameter, value === undefined || value === null ? "" : placeholder(value)),
  );
  const inner = `${hidden("suite", name)}<div class="row">${fields.join("")}<button class="main">Arm</button></div>`;
  return `<details><summary><strong>${escape(name)}</strong><span class="note">${escape(proves)}</span></summary>
${form(page, "faults", inner)}</details>`;
}

function scopeForms([scope, title]: (typeof SCOPES)[number], page: FaultPage): string {
  const kinds = (Object.keys(FAULT_KINDS) as FaultKind[]).filter(
    (kind) => factsOf(kind).scope === scope,
  );
  return `<h3>${title}</h3>${kinds.map((kind) => kindForm(kind, page)).join("\n")}`;
}

const MATCHES: Readonly<Record<Scope, readonly string[]>> = {
  request: ["operations", "method", "path", "tries"],
  commit: ["operations", "path"],
  delivery: ["channel", "types", "tries"],
  connection: [],
};
const COMMON: readonly string[] = [
  "agent",
  "probability",
  "nth",
  "count",
  "from",
  "until",
  "seconds",
];

function kindForm(kind: FaultKind, page: FaultPage): string {
  const { parameters, does, proves, scope, about } = factsOf(kind);
  const own = parameters.map((name) => field(name, ""));
  const operations = Array.isArray(about) ? (about as readonly string[]).join(",") : "all";
  const match = [...MATCHES[scope], ...COMMON].map((name) =>
    field(name, name === "operations" ? operations : ""),
  );
  const inner = `${hidden("kind", kind)}${own.length === 0 ? "" : `<div class="row">${own.join("")}</div>`}
<div class="row">${match.join("")}</div><div class="row"><button class="main">Arm</button></div>`;
  return `<details><summary><strong>${kind}</strong><span class="note">${escape(does)}</span></summary>
<p class="note">Proves: ${escape(proves)}.</p>${form(page, "faults", inner)}</details>`;
}

function form({ query }: FaultPage, path: string, inner: string): string {
  return `<form method="post" action="/_sandbox/${path}${escape(query)}">${inner}</form>`;
}

function field(name: string, shown: string, unit?: string): string {
  const words = unit === undefined ? name : `${name} (${unit})`;
  return `<label><span>${escape(words)}</span><input name="${escape(name)}" placeholder="${escape(shown)}" autocomplete="off"></label>`;
}

function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`;
}

function placeholder(value: unknown): string {
  return Array.isArray(value) ? value.join(",") : String(value);
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}
