// Where code and journal part: says what the history has and what the code gave, side by side.

import { type Command, type HistoryEntry, encode } from "@holdfast/core";

export interface Difference {
  /** Position in the run's history. */
  readonly sequence: number;
  readonly expected: string;
  readonly got: string;
}

/** True where a stretch of a journal is what the code gave, command by command. */
export function areSame(
  entries: readonly HistoryEntry[],
  from: number,
  to: number,
  got: readonly Command[],
): boolean {
  if (to - from !== got.length) return false;
  for (let index = 0; index < got.length; index += 1) {
    const after = got[index];
    if (after === undefined || !same(entries[from + index] as Command, after)) return false;
  }
  return true;
}

/** The first difference between the commands in the history and those the code gave; undefined if none. */
export function difference(
  sequence: number,
  expected: readonly Command[],
  got: readonly Command[],
): Difference | undefined {
  // Code that no longer asks for a patch has it for good.
  const dropped = (command: Command): boolean =>
    command.kind === "patch" &&
    !got.some((other) => other.kind === "patch" && other.id === command.id);
  const before = expected.some(dropped)
    ? expected.filter((command) => !dropped(command))
    : expected;
  return firstDifference(sequence, before, got);
}

function firstDifference(
  sequence: number,
  expected: readonly Command[],
  got: readonly Command[],
): Difference | undefined {
  for (let index = 0; index < Math.max(expected.length, got.length); index += 1) {
    const before = expected[index];
    const after = got[index];
    if (before !== undefined && after !== undefined && same(before, after)) continue;
    return { sequence: sequence + index, expected: describe(before), got: describe(after) };
  }
  return undefined;
}

function same(before: Command, after: Command): boolean {
  switch (before.kind) {
    case "call":
      return (
        after.kind === "call" &&
        before.call === after.call &&
        before.activity === after.activity &&
        before.input === after.input &&
        before.key === after.key &&
        before.ordinal === after.ordinal &&
        before.ref === after.ref &&
        before.effect === after.effect &&
        before.totalMs === after.totalMs &&
        before.local === after.local
      );
    case "timer":
      return after.kind === "timer" && before.timer === after.timer && before.at === after.at;
    case "completed":
      return after.kind === "completed" && before.output === after.output;
    // Messages of failures may name what changes (a path, a version): the code is what counts.
    case "run-failed":
      return after.kind === "run-failed" && before.failure.code === after.failure.code;
    case "cancelled":
    case "closing":
      return after.kind === before.kind;
    // Reasons are words for people.
    case "child-cancel-asked":
      return after.kind === "child-cancel-asked" && before.child === after.child;
    case "update-failed":
      return (
        after.kind === "update-failed" &&
        before.id === after.id &&
        before.failure.code === after.failure.code
      );
    default:
      return encode(before) === encode(after);
  }
}

function describe(command: Command | undefined): string {
  if (command === undefined) return "nothing";
  switch (command.kind) {
    case "call":
      return `call ${command.call} of activity ${command.activity} with ${short(command.input)}${command.ref === undefined ? "" : `, ref ${command.ref}`}, total ${command.totalMs} ms${command.key === undefined ? "" : `, key ${command.key}`}`;
    case "timer":
      return `timer ${command.timer} until ${new Date(command.at).toISOString()}`;
    case "timer-cancelled":
      return `timer ${command.timer} cancelled`;
    case "call-cancelled":
      return `call ${command.call} cancelled`;
    case "call-cancel-asked":
      return `call ${command.call} asked to cancel`;
    case "child":
      return `child ${command.child} of workflow ${command.workflow} as ${command.id} with ${short(command.input)}`;
    case "child-cancelled":
      return `child ${command.child} given up`;
    case "child-cancel-asked":
      return `child ${command.child} asked to cancel`;
    case "send":
      return `${command.message.kind} to run ${command.to}${command.message.kind === "signal" ? ` of ${command.message.name} with ${short(command.message.payload)}` : ""}`;
    case "update-done":
      return `answer to update ${command.id} with ${short(command.output)}`;
    case "update-failed":
      return `failure ${command.failure.code} of update ${command.id}`;
    case "patch":
      return `patch ${command.id}`;
    case "tags":
      return `tags ${short(JSON.stringify(command.tags))}`;
    case "memo":
      return `memo ${short(command.memo)}`;
    case "completed":
      return `completion with ${short(command.output)}`;
    case "run-failed":
      return `failure ${command.failure.code}: ${command.failure.message}`;
    case "cancelled":
      return "cancellation";
    case "closing":
      return "end, waiting for open money calls";
    case "continued":
      return `continue as new with ${short(command.input)}${command.loop === undefined ? "" : ` and loop state ${short(command.loop)}`}`;
  }
}

const SHOWN_CHARACTERS = 200;

function short(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
