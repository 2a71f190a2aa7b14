// The part of docs/engines.md that is generated: what the contract of the Engine port came to on both engines.

import { createHash } from "node:crypto";
import type { LeftOut, Way } from "./way.ts";

export interface Seen {
  /** The ways in which the embedded engine was run. */
  readonly embedded: readonly Way[];
  readonly temporal: Way;
  /** When, and on what. */
  readonly circumstances: string;
}

const BEGIN = /<!-- contract [0-9a-f]+:[^]*?-->\n/u;
const END = "<!-- /contract -->";

/** The page with what was seen in place of what stood there. */
export function replaced(page: string, seen: Seen): string {
  const begin = page.search(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error("The page has no place for the contract.");
  return `${page.slice(0, begin)}${part(seen)}${page.slice(end)}`;
}

/** A name for the behaviours by area, which changes when one of them does. */
export function fingerprint(names: Readonly<Record<string, readonly string[]>>): string {
  return createHash("sha256").update(JSON.stringify(names)).digest("hex").slice(0, 12);
}

function part({ embedded, temporal, circumstances }: Seen): string {
  const names = namesOf(embedded);
  const areas = Object.entries(names);
  const passed = (way: Way, area: string): number => (way.passed.get(area) ?? []).length;
  const rows = areas.map(([area, all]) => [area, all.length, all.length, passed(temporal, area)]);
  const sum = (column: number): number =>
    rows.reduce((total, row) => total + Number(row[column]), 0);
  const left = embedded.filter((way) => way.left.length > 0);
  return [
    `<!-- contract ${fingerprint(names)}: written by \`npm run engines\`, which runs the contract on both engines -->`,
    `${circumstances} The embedded engine was run in ${embedded.length} ways: ${embedded.map(({ name }) => name).join("; ")}.`,
    table([
      ["Area", "Behaviours", "Embedded", "Temporal"],
      ...rows,
      ["all", sum(1), sum(2), sum(3)],
    ]),
    "Left out on Temporal:",
    reasons(temporal.left),
    ...left.flatMap((way) => [
      `Left out on the embedded engine where it is "${way.name}":`,
      reasons(way.left),
    ]),
    "",
  ].join("\n\n");
}

/** Every behaviour is run in some way of the embedded engine. */
function namesOf(ways: readonly Way[]): Readonly<Record<string, readonly string[]>> {
  const whole = ways.find(({ left }) => left.length === 0);
  if (whole === undefined) throw new Error("No way of running the embedded engine runs all.");
  return Object.fromEntries(whole.passed);
}

const reasons = (left: readonly LeftOut[]): string =>
  table([["Behaviour", "Why"], ...left.map(({ name, reason }) => [name, reason])]);

/** In Markdown; the formatter makes its columns even. */
function table(rows: readonly (readonly (string | number)[])[]): string {
  const [head = []] = rows;
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.slice(1).map(line)].join("\n");
}
