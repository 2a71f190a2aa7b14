// Where code and journal part: says what the history has and what the code gave, side by side.

import { type Command, encode } from "@holdfast/core";

export interface Difference {
  /** Position in the run's history. */
  readonly sequence: number;
  readonly expected: string;
  readonly got: string;
}

/** The first difference between the commands in the history and those the code gave; undefined if none. */
export function difference(
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
        before.totalMs === after.totalMs
      );
    case "timer":
      return after.kind === "timer" && before.timer === after.timer && before.at === after.at;
    case "timer-cancelled":
      return after.kind === "timer-cancelled" && before.timer === after.timer;
    case "call-cancelled":
      return after.kind === "call-cancelled" && before.call === after.call;
    case "completed":
      return after.kind === "completed" && before.output === after.output;
    // Messages of failures may name what changes (a path, a version): the code is what counts.
    case "run-failed":
      return after.kind === "run-failed" && before.failure.code === after.failure.code;
    case "cancelled":
    case "closing":
      return after.kind === before.kind;
    case "continued":
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
