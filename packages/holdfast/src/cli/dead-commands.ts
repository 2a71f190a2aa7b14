// `dead list`, `dead show`, `dead resume`, `dead discard`: a person looks at runs that will not go on by
// themselves, and decides. Every decision has a reason and an actor, and stands in the audit.

import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { createInterface } from "node:readline/promises";
import { type DeadLetter, HoldfastError, toFailure } from "@holdfast/core";
import type { RepeatedCall } from "@holdfast/engine";
import type { ControlClient } from "../control/client.ts";
import { clean } from "../terminal/text.ts";
import { say, sayJson, table } from "./print.ts";
import { type Common, connect, connectToLook, pathOf } from "./running.ts";

export interface DeadFilter {
  readonly kind?: string;
  readonly workflow?: string;
  readonly code?: string;
  readonly class?: string;
  readonly fingerprint?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

export interface DecideOptions extends Common, DeadFilter {
  readonly reason: string;
  readonly actor?: string;
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export type DecisionWord = "resume" | "discard";

interface Page {
  readonly letters: readonly DeadLetter[];
  readonly total: number;
  readonly cursor?: string;
}

/** Exit code where some of many could not be decided. */
const PARTLY = 1;

export async function deadListCommand({
  state,
  json,
  ...filter
}: DeadFilter & Common): Promise<void> {
  const page = await pageOf(await connectToLook({ state }), filter);
  if (json === true) {
    sayJson(page);
    return;
  }
  if (page.total === 0) {
    say("No dead letters.");
    return;
  }
  const rows = page.letters.map((letter) => [
    letter.id,
    letter.kind,
    letter.code,
    letter.class,
    String(letter.attempts),
    timeOf(letter.firstAt),
    timeOf(letter.lastAt),
    letter.suggestion,
  ]);
  const head = ["id", "kind", "code", "class", "attempts", "first", "last", "next step"];
  say(table(head, rows));
  if (page.total > page.letters.length) say(`${page.letters.length} of ${page.total}.`);
  if (page.cursor !== undefined) say(`More: --cursor ${page.cursor}`);
}

export async function deadShowCommand(id: string, { state, json }: Common): Promise<void> {
  const control = await connectToLook({ state });
  const letter = await letterOf(control, id);
  if (json === true) {
    sayJson(letter);
    return;
  }
  say(
    `${clean(id)} is ${letter.kind} (${clean(letter.workflow)}, account ${clean(letter.account)})`,
  );
  say(clean(`${letter.code}: ${letter.message}`));
  say(
    `class ${letter.class}, attempts ${letter.attempts}, first ${timeOf(letter.firstAt)}, last ${timeOf(letter.lastAt)}`,
  );
  say(`cause ${clean(letter.fingerprint)}`);
  for (const call of letter.again) {
    say(clean(`a resume calls again: ${call.effect} ${call.activity}, ref ${call.ref ?? "none"}`));
  }
  say(`next: ${nextStep(letter)}`);
}

/** Resumes or discards one run, or all that the filter fits. */
export async function decideCommand(
  word: DecisionWord,
  id: string | undefined,
  options: DecideOptions,
): Promise<void> {
  const { state, json = false, reason, all = false, yes = false, dryRun = false } = options;
  const actor = options.actor ?? userInfo().username;
  if ((id === undefined) !== all) throw oneOrAll(word);
  const control = connect({ state });
  const letters =
    id === undefined ? await allOf(control, word, options) : [await letterOf(control, id)];
  if (dryRun || letters.length === 0) {
    if (json) sayJson({ would: word, runs: letters.map((letter) => letter.id) });
    else if (letters.length === 0) say("No dead letters fit.");
    else for (const letter of letters) say(`Would ${word} ${clean(letter.id)} (${letter.code}).`);
    return;
  }
  if (letters.length > 1 && !yes) await confirm(word, letters.length);
  const decided: { readonly id: string; readonly error?: string }[] = [];
  for (const letter of letters) {
    const done = await decide(control, word, letter.id, { reason, actor });
    decided.push(done);
    if (json) continue;
    if (done.error === undefined) say(`${PAST[word]} ${clean(letter.id)}.`);
    else say(clean(`Left ${letter.id}: ${done.error}`));
  }
  if (json) sayJson({ decided });
  if (decided.some(({ error }) => error !== undefined)) process.exitCode = PARTLY;
}

const PAST: Readonly<Record<DecisionWord, string>> = { resume: "Resumed", discard: "Discarded" };

async function decide(
  control: ControlClient,
  word: DecisionWord,
  id: string,
  decision: { readonly reason: string; readonly actor: string },
): Promise<{ readonly id: string; readonly error?: string }> {
  try {
    await control.post(`${pathOf(id)}/${word}`, { ...decision, requestId: randomUUID() });
    return { id };
  } catch (error) {
    return { id, error: toFailure(error).message };
  }
}

type ShownLetter = DeadLetter & { readonly again: readonly RepeatedCall[] };

async function letterOf(control: ControlClient, id: string): Promise<ShownLetter> {
  return (await control.get(`${pathOf(id)}/dead`)) as unknown as ShownLetter;
}

/** Only failed runs are resumed: the others wait for something else. */
async function allOf(
  control: ControlClient,
  word: DecisionWord,
  { kind, workflow, code, class: failureClass, fingerprint }: DeadFilter,
): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const wanted =
    word === "resume" ? { kind: kind ?? "failed" } : kind === undefined ? {} : { kind };
  const filter = {
    ...wanted,
    ...(workflow === undefined ? {} : { workflow }),
    ...(code === undefined ? {} : { code }),
    ...(failureClass === undefined ? {} : { class: failureClass }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
  for await (const letter of lettersOf(control, filter)) letters.push(letter);
  return letters;
}

async function* lettersOf(control: ControlClient, filter: DeadFilter): AsyncGenerator<DeadLetter> {
  for (let cursor: string | undefined; ;) {
    const more = cursor === undefined ? {} : { cursor };
    const page = await pageOf(control, { limit: "1000", ...filter, ...more });
    yield* page.letters;
    if (page.cursor === undefined) return;
    cursor = page.cursor;
  }
}

async function pageOf(control: ControlClient, filter: DeadFilter): Promise<Page> {
  return (await control.get("/api/dead", { ...filter })) as unknown as Page;
}

async function confirm(word: DecisionWord, count: number): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new HoldfastError(
      "HF-NOT-CONFIRMED",
      `Cannot ${word} ${count} runs without a word from you: add --yes, or look first with --dry-run.`,
      { class: "data" },
    );
  }
  const asked = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await asked.question(`${word} ${count} runs? [y/N] `);
  asked.close();
  if (!/^y(es)?$/iu.test(answer.trim())) {
    throw new HoldfastError("HF-NOT-CONFIRMED", `Did not ${word} anything.`, { class: "data" });
  }
}

function nextStep({ id, suggestion }: DeadLetter): string {
  switch (suggestion) {
    case "resume":
      return `holdfast dead resume ${clean(id)} --reason "…"`;
    case "resolve":
      return `holdfast run ${clean(id)} shows the keys; then holdfast dead resolve ${clean(id)} <key> done|not-done|resend --reason "…"`;
    case "approve":
      return "holdfast approvals shows what is asked; then holdfast approve <id> or holdfast reject <id>";
    case "deploy":
      return "deploy code that fits its history (holdfast check says where it does not)";
    case "discard":
      return `look at the venue, then holdfast dead discard ${clean(id)} --reason "…"`;
  }
}

function timeOf(at: number): string {
  return new Date(at).toISOString().replace("T", " ").slice(0, 19);
}

function oneOrAll(word: DecisionWord): HoldfastError {
  return new HoldfastError(
    "HF-DEAD-UNSAID",
    `Cannot ${word}: name one run by its id, or say --all with a filter.`,
    { class: "data" },
  );
}
