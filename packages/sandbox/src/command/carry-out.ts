// Carries one write out within an open transaction: answers a repetition from memory, performs what is new, and
// keeps its outcome.

import type { Command, Json, Sender } from "./command.ts";
import type { Context } from "./context.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Journal } from "./journal.ts";
import { type Outcome, refused } from "./outcome.ts";
import { perform } from "./perform.ts";

/** A command and who sends it. */
export interface Write {
  readonly command: Command;
  readonly sender: Sender;
}

/** What is answered to a command. */
export interface Executed {
  readonly status: number;
  readonly body: Json;
  /** True when it was answered from memory. */
  readonly replayed: boolean;
  readonly retryAfterSeconds?: number | undefined;
}

export function carryOut(
  { command, sender }: Write,
  at: number,
  journal: Journal,
  contextOf: (sender: Sender, at: number) => Context,
): Executed {
  const mark = fingerprint(command);
  const repeated = known(command, mark, sender, at, journal);
  if (repeated !== undefined) return repeated;
  const context = contextOf(sender, at);
  const outcome = perform(command, context);
  const { operation } = command;
  const doing = { id: context.command, operation, sender, fingerprint: mark, at };
  journal.keep(doing, outcome);
  return answer(outcome);
}

function known(
  command: Command,
  mark: string,
  { agent, key, keyTtlMs }: Sender,
  at: number,
  journal: Journal,
): Executed | undefined {
  if (key === undefined) return undefined;
  const { operation } = command;
  if (keyTtlMs !== undefined) journal.forget(agent, key, { at, operation, ttlMs: keyTtlMs });
  const kept = journal.find(agent, key, { at, operation });
  if (kept === undefined) return undefined;
  if (kept.fingerprint !== mark) {
    const detail = "This key was used before, with another body.";
    return answer(refused("idempotency_mismatch", detail));
  }
  journal.countReplay(kept.id);
  return { status: kept.status, body: kept.body, replayed: true };
}

function answer(outcome: Outcome): Executed {
  const { status, body } = outcome;
  if (outcome.kind !== "refused" || outcome.retryAfterSeconds === undefined) {
    return { status, body, replayed: false };
  }
  return { status, body, replayed: false, retryAfterSeconds: outcome.retryAfterSeconds };
}
