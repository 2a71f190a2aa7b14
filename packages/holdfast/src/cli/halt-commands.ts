// `halt` and `lift`: a person's word about a scope. The running process writes it, or, where none runs, this command
// does: a kill switch that needs a living process is none.

import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { resolve } from "node:path";
import { hasCode } from "@holdfast/core";
import { parseScope } from "@holdfast/core/internal";
import { openHaltable, systemClock } from "@holdfast/engine";
import { z } from "zod";
import { connectControl, isAlive, notRunning, silent } from "../control/client.ts";
import { acknowledged } from "../control/guard-routes.ts";
import { stateFolder } from "../host/state-folder.ts";
import { clean } from "../terminal/text.ts";
import { say, sayJson } from "./print.ts";
import type { Common } from "./running.ts";

export interface ScopeOptions extends Common {
  readonly agent?: string;
  readonly venue?: string;
  readonly symbol?: string;
  readonly reason: string;
  readonly actor?: string;
}

export interface HaltOptions extends ScopeOptions {
  readonly closeAll?: boolean;
}

/** A process that has not answered by then hangs. */
const ANSWER_MS = 5_000;

const Change = z.object({
  scope: z.string(),
  cause: z.string(),
  from: z.string().optional(),
  to: z.string().optional(),
});

const Acknowledged = z.object({
  changes: z.array(Change),
  audit: z.object({ position: z.number(), hash: z.string() }),
  writtenMs: z.number().default(0),
  closing: z.array(z.object({ id: z.string(), account: z.string() })).default([]),
});

interface Request {
  readonly scope: string;
  readonly actor: string;
  readonly reason: string;
  readonly closeAll?: boolean;
}

interface Answer extends z.output<typeof Acknowledged> {
  readonly by: "process" | "journal";
}

/** @throws HF-NOT-RUNNING where there is no journal either; HF-CONTROL-SILENT; HF-GUARD-INVALID, HF-GUARD-ABSENT */
export async function haltCommand(options: HaltOptions): Promise<void> {
  const { json = false, closeAll = false } = options;
  const request = { ...requestOf(options), ...(closeAll ? { closeAll } : {}) };
  const answer = await ask("halt", options.state, request);
  const commandMs = Math.round(process.uptime() * 1_000);
  if (json) {
    sayJson({ scope: request.scope, epoch: answer.audit.position, ...answer, commandMs });
    return;
  }
  const { scope } = request;
  const isNew = answer.changes.length > 0;
  say(clean(isNew ? `Halted ${scope}.` : `Halted ${scope}; it was halted before.`));
  say(
    `On disk as epoch ${answer.audit.position}: written in ${answer.writtenMs} ms, acknowledged ${commandMs} ms after this command began. Nothing that was not sent by then leaves any more.`,
  );
  if (answer.by === "journal") say("No process runs; the next start finds it halted.");
  for (const { id } of answer.closing) say(clean(`Closing everything: holdfast run ${id}`));
  if (closeAll && answer.by === "journal")
    say('Everything is closed when a process runs: "holdfast serve".');
  say(clean(`Lift it: holdfast lift${optionOf(scope)} --reason "…"`));
}

/** @throws HF-GUARD-NOTHING-TO-LIFT, and as above */
export async function liftCommand(options: ScopeOptions): Promise<void> {
  const request = requestOf(options);
  const answer = await ask("lift", options.state, request);
  if (options.json === true) {
    sayJson({ scope: request.scope, epoch: answer.audit.position, ...answer });
    return;
  }
  for (const { scope, from = "FULL", cause } of answer.changes)
    say(clean(`Lifted ${scope}: it was ${from} (${cause}).`));
}

function requestOf({ agent, venue, symbol, reason, actor }: ScopeOptions): Request {
  const scopes = { agent, venue, symbol };
  const named = Object.entries(scopes).find(([, name]) => name !== undefined);
  const scope = named === undefined ? "project" : `${named[0]}:${named[1]}`;
  return { scope: parseScope(scope), reason, actor: actor ?? userInfo().username };
}

function optionOf(scope: string): string {
  if (scope === "project") return "";
  const [kind = "", name = ""] = scope.split(":");
  return ` --${kind} ${name}`;
}

async function ask(word: "halt" | "lift", state: string, request: Request): Promise<Answer> {
  const folder = resolve(state);
  try {
    const given = await connectControl(folder).post(`/api/guard/${word}`, request, ANSWER_MS);
    return { ...Acknowledged.parse(given), by: "process" };
  } catch (error) {
    if (!hasCode(error, "HF-NOT-RUNNING")) throw error;
    return askJournal(word, folder, request);
  }
}

async function askJournal(
  word: "halt" | "lift",
  path: string,
  { closeAll = false, ...request }: Request,
): Promise<Answer> {
  const folder = stateFolder(path);
  if (!existsSync(folder.journal)) throw notRunning(path);
  using journal = openOrSay(folder.journal, folder.readControl()?.pid);
  // Before the halt: a crash in between forgets nothing.
  if (closeAll) folder.writeWishes([...new Set([...folder.readWishes(), request.scope])]);
  const askedAt = systemClock.now();
  const changes = await journal.guard[word](request);
  const writtenMs = systemClock.now() - askedAt;
  const written = { ...(await acknowledged(journal.guard, changes)), writtenMs };
  return { ...Acknowledged.parse(written), by: "journal" };
}

/** Somebody who has the journal and does not answer. */
function openOrSay(journal: string, pid: number | undefined): ReturnType<typeof openHaltable> {
  try {
    return openHaltable(journal);
  } catch (error) {
    if (!hasCode(error, "HF-STATE-LOCKED") || pid === undefined || !isAlive(pid)) throw error;
    throw silent(pid, 0);
  }
}
