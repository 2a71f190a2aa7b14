// Follows what workflows use, from their definitions through the project's own modules, and reports what a
// replay would not see again. Only code that a workflow gets to counts: what a configuration does, and what
// stands inside an activity, is nobody's concern here.

import { isBuiltin } from "node:module";
import { pathToFileURL } from "node:url";
import { type Advice, SHARED, adviceOnBuiltin } from "./advice.ts";
import type { Reference } from "./facts.ts";
import type { Imports } from "./imports.ts";
import type { Binding } from "./links.ts";
import type { Module } from "./module.ts";
import { type Range, isIn } from "./parts.ts";
import { Sources, isKnown } from "./sources.ts";

/** One thing that a workflow may not do. */
export interface Finding extends Advice {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  /** Files from the workflow's own to the one in which it stands, each imported by the one before. */
  readonly chain: readonly string[];
}

export interface Determinism {
  /** How many definitions of workflows were followed. */
  readonly workflows: number;
  /** In the order of files and lines. */
  readonly findings: readonly Finding[];
  /** Packages and files that workflows use and that were not looked into. */
  readonly unread: readonly string[];
}

/** Looks at the workflows that are defined in a configuration file and in the project's files that it imports. */
export function checkDeterminism(file: string, imports: Imports): Determinism {
  const sources = new Sources(imports);
  const reach = new Reach(sources);
  let workflows = 0;
  for (const module of sources.from(pathToFileURL(file).href)) {
    workflows += module.workflows.length;
    for (const range of module.workflows) reach.enter({ module, from: undefined }, range);
  }
  reach.follow();
  const findings = [...reach.findings.values()].sort(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line,
  );
  return { workflows, findings, unread: [...sources.unread].sort() };
}

/** A module, and the one by which a workflow got there. */
interface Step {
  readonly module: Module;
  readonly from: Step | undefined;
}

interface Place {
  readonly step: Step;
  readonly range: Range;
}

/** Where the code stands that uses an import. */
interface User {
  readonly step: Step;
  readonly at: number;
  readonly member: string | undefined;
}

class Reach {
  readonly findings: Map<string, Finding> = new Map();
  readonly #sources: Sources;
  readonly #entered = new Set<string>();
  readonly #places: Place[] = [];

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  enter(step: Step, range: Range): void {
    if (this.#isNew(step, range.start)) this.#places.push({ step, range });
    if (this.#isNew(step, "loaded")) this.#load(step);
  }

  follow(): void {
    // Nearest first, so that each finding has a shortest chain; grows as it goes.
    for (const { step, range } of this.#places) {
      const { uses, references } = step.module.facts;
      for (const use of uses) {
        if (isIn(use, range)) this.#report(step, use.at, use.what, use.advice);
      }
      for (const reference of references) {
        if (isIn(reference, range)) this.#use(step, reference);
      }
    }
  }

  /** What a module imports only for what loading does is done to the workflow, too. */
  #load(step: Step): void {
    const { module } = step;
    for (const { specifier, at } of module.sideEffects) {
      if (isBuiltin(specifier)) {
        this.#import(step, { specifier, name: "*" }, { step, at, member: undefined });
      } else if (!isKnown(specifier)) {
        const next = this.#sources.open(module, specifier);
        for (const part of next?.parts ?? []) {
          if (next !== undefined && part.bare) this.enter({ module: next, from: step }, part);
        }
      }
    }
  }

  #use(step: Step, { name, member, at }: Reference): void {
    const binding = step.module.imports.get(name);
    if (binding === undefined) this.#enterName(step, name);
    else this.#import(step, binding, { step, at, member });
  }

  #enterName(step: Step, name: string): void {
    const { module } = step;
    const change = module.changed.get(name);
    for (const part of module.parts) {
      if (!part.names.includes(name)) continue;
      this.enter(step, part);
      if (change === undefined || part.bare) continue;
      const line = module.lineOf(change.at);
      this.#report(step, part.start, `${name}, which line ${line} changes`, SHARED);
    }
  }

  #import(step: Step, { specifier, name }: Binding, user: User): void {
    if (isKnown(specifier)) return;
    const whole = name === "*" || (name === "default" && isBuiltin(specifier));
    const wanted = whole ? user.member : name;
    if (isBuiltin(specifier)) {
      const advice = adviceOnBuiltin(specifier, wanted);
      const what = wanted === undefined ? `"${specifier}"` : `${wanted} of "${specifier}"`;
      if (advice !== undefined) this.#report(user.step, user.at, what, advice);
      return;
    }
    const module = this.#sources.open(step.module, specifier);
    if (module === undefined) return;
    const next = { module, from: step };
    if (wanted === undefined && !this.#isNew(next, "all")) return;
    for (const each of wanted === undefined ? module.exports.keys() : [wanted]) {
      this.#enterExport(next, each, specifier, user);
    }
  }

  #enterExport(step: Step, name: string, specifier: string, user: User): void {
    const found = this.#sources.exported(step.module, name);
    if (found === undefined) {
      // It has no such export that can be seen: CommonJS.
      this.#sources.unread.add(specifier);
      return;
    }
    const { module, as } = found;
    const there = module === step.module ? step : { module, from: step };
    const binding = typeof as === "string" ? module.imports.get(as) : as;
    if (binding !== undefined) this.#import(there, binding, user);
    else if (typeof as === "string") this.#enterName(there, as);
  }

  #report(step: Step, at: number, what: string, advice: Advice): void {
    const { file, lineOf, allows } = step.module;
    const line = lineOf(at);
    if (allows(line)) return;
    const key = `${file}:${line} ${what}`;
    if (this.findings.has(key)) return;
    this.findings.set(key, { file, line, what, ...advice, chain: chainTo(step) });
  }

  #isNew({ module }: Step, what: number | string): boolean {
    const key = `${module.url} ${what}`;
    if (this.#entered.has(key)) return false;
    this.#entered.add(key);
    return true;
  }
}

function chainTo(step: Step): readonly string[] {
  const files: string[] = [];
  for (let at: Step | undefined = step; at !== undefined; at = at.from)
    files.unshift(at.module.file);
  return files;
}
