// Decisions and effects: nothing is sent that was not decided, nothing happens twice, what is done was done.

import { createHash } from "node:crypto";
import { decode } from "@holdfast/core";
import type { Effect } from "@holdfast/sandbox";
import type { Write } from "../observed.ts";
import type { World } from "../world.ts";
import type { CallCommand, Play, PlayedRun } from "./play.ts";
import type { Broken } from "./rule.ts";

export function decisionRules(world: World, play: Play): readonly Broken[] {
  return [
    ...decidedBefore(world, play),
    ...equalBodies(world, play),
    ...oneEffect(world),
    ...doneHasItsEffect(world, play),
  ];
}

function* decidedBefore({ observed }: World, { effects }: Play): Iterable<Broken> {
  const writes = new Map<string, Write>();
  for (const write of observed.writes) {
    for (const key of [write.key, hashed(write.key)]) if (!writes.has(key)) writes.set(key, write);
  }
  for (const { key, ref, operation } of effects) {
    const name = `"${ref ?? key ?? operation}"`;
    const write = key === null ? undefined : writes.get(key);
    if (write === undefined) {
      yield { rule: "decided before", what: `${name} has an effect that no engine has sent` };
    } else if (!write.isDecided) {
      const what = `${name} was sent before its decision was on disk`;
      yield { rule: "decided before", what };
    }
  }
}

/** The venue keeps the keys of some operations as their hashes. */
function hashed(key: string): string {
  return `sha256:${createHash("sha256").update(`key:${key}`).digest("hex")}`;
}

function* equalBodies({ observed }: World, { runs, intents }: Play): Iterable<Broken> {
  const bodies = new Map<string, string>();
  for (const { key, ref, body } of observed.remembered) {
    const before = bodies.get(key) ?? body;
    bodies.set(key, before);
    if (before !== body) {
      const what = `"${ref}" was sent with two bodies under one key: ${before} and ${body}`;
      yield { rule: "decided before", what };
    }
  }
  const calls = callsByPlace(runs);
  for (const { run, call, fingerprint, account, ref } of intents.values()) {
    const command = calls.get(`${run} ${call}`);
    if (command === undefined) continue;
    const expected = createHash("sha256").update(`${account}\n${command.input}`).digest("hex");
    if (expected !== fingerprint) {
      const what = `the intent of "${ref}" has another body than its call`;
      yield { rule: "decided before", what };
    }
  }
}

function* oneEffect({ venue }: World): Iterable<Broken> {
  const audit = venue.audit();
  for (const { ref, effects } of audit.refsWithMoreThanOneEffect)
    yield { rule: "one effect", what: `"${ref}" has ${effects} effects` };
  for (const { key, operation, effects } of audit.keysWithMoreThanOneEffect)
    yield { rule: "one effect", what: `key ${key} of ${operation} has ${effects} effects` };
  if (audit.keyless > 0)
    yield { rule: "one effect", what: `${audit.keyless} effects were sent without a key` };
}

/** Activities that may end well and change nothing. */
const MAY_CHANGE_NOTHING: ReadonlySet<string> = new Set(["purpleflea.closeAllPositions"]);

interface Done {
  readonly command: CallCommand;
  readonly key: string;
  readonly ref: string;
  readonly account: string;
  readonly output: string;
  readonly at: number;
}

function* doneHasItsEffect(world: World, play: Play): Iterable<Broken> {
  const { venue, restored } = world;
  const named = new Map<string, Effect>();
  for (const effect of play.effects) {
    const account = venue.accountOf(effect.agent) ?? "";
    if (effect.ref !== null) named.set(`${account} ${effect.ref}`, effect);
  }
  const sums = new Map<string, { receipts: bigint; ledger: bigint }>();
  for (const { command, ref, account, output, at } of doneCalls(play)) {
    const effect = named.get(`${account} ${ref}`) ?? named.get(` ${ref}`);
    if (effect === undefined) {
      // Parts have names of their own; a venue that was put back has forgotten what was done since.
      const isPart = play.effects.some((other) => other.ref?.startsWith(`${ref}/`) === true);
      const isForgotten = restored.venue !== undefined && at <= restored.venue;
      if (isPart || isForgotten || MAY_CHANGE_NOTHING.has(command.activity)) continue;
      const what = `"${ref}" (${command.activity}) is done and has no effect`;
      yield { rule: "done has its effect", what };
      continue;
    }
    const receipt = amountIn(output);
    if (receipt === undefined) continue;
    const sum = sums.get(account) ?? { receipts: 0n, ledger: 0n };
    sum.receipts += receipt;
    sum.ledger += BigInt(effect.amountMicros);
    sums.set(account, sum);
  }
  for (const [account, { receipts, ledger }] of sums) {
    if (receipts === ledger) continue;
    const what = `receipts of "${account}" add up to ${receipts}, its effects in the ledger to ${ledger}`;
    yield { rule: "done has its effect", what };
  }
}

/** What a receipt says was moved. */
function amountIn(output: string): bigint | undefined {
  const receipt = decode(output);
  if (typeof receipt !== "object" || receipt === null) return undefined;
  const { size, amount } = receipt as { readonly size?: unknown; readonly amount?: unknown };
  const moved = size ?? amount;
  return typeof moved === "bigint" ? moved : undefined;
}

/** Calls with money that their journals say are done, once each. */
function doneCalls({ runs, intents }: Play): readonly Done[] {
  const done = new Map<string, Done>();
  const places = new Map<string, string>();
  for (const { key, run, call } of intents.values()) places.set(`${run} ${call}`, key);
  for (const { run, rows } of runs) {
    const open = new Map<number, CallCommand>();
    for (const { at, entries } of rows) {
      for (const entry of entries) {
        if (entry.kind === "call" && entry.effect === "money") open.set(entry.call, entry);
        if (entry.kind !== "done") continue;
        const command = open.get(entry.call);
        const key = command?.key ?? places.get(`${run.row} ${entry.call}`);
        if (command === undefined || key === undefined) continue;
        const { account } = run;
        const ref = intents.get(key)?.ref ?? command.ref ?? "";
        if (!done.has(key)) done.set(key, { command, key, ref, account, output: entry.output, at });
      }
    }
  }
  return [...done.values()];
}

/** The calls that count, by run and number. */
function callsByPlace(runs: readonly PlayedRun[]): ReadonlyMap<string, CallCommand> {
  const calls = new Map<string, CallCommand>();
  for (const { run, effective } of runs)
    for (const entry of effective)
      if (entry.kind === "call") calls.set(`${run.row} ${entry.call}`, entry);
  return calls;
}
