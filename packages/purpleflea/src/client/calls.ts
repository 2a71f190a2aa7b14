// What stands between the client's methods and the wire: a read or a write of one operation, under the names
// that the caller gives it. The raw client takes them from its caller, the bound one from the attempt.

import type { z } from "zod";
import type { VenueProfile } from "../profile.ts";
import type { ReadMark, WriteMark } from "./http.ts";

/** One operation of the venue. */
export interface ReadCall<Answer extends z.ZodType> {
  /** "portfolio", "open": the same word as in the venue's faults and audit. */
  readonly operation: string;
  /** With what is asked for after the question mark. */
  readonly path: string;
  readonly answer: Answer;
}

export interface WriteCall<Answer extends z.ZodType> extends ReadCall<Answer> {
  /** In words: "open a position". */
  readonly what: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Calls {
  readonly profile: VenueProfile;
  readonly read: <Answer extends z.ZodType>(
    call: ReadCall<Answer>,
    mark: ReadMark | undefined,
  ) => Promise<z.output<Answer>>;
  /** A bound client has marks of its own and takes none. */
  readonly write: <Answer extends z.ZodType>(
    call: WriteCall<Answer>,
    mark: WriteMark | undefined,
  ) => Promise<z.output<Answer>>;
}

type Unmarked<All extends readonly unknown[]> = All extends readonly [...infer Rest, WriteMark]
  ? Rest
  : All;

/** A group of methods without the marks of its writes: the attempt gives them. */
export type Bound<Group> = {
  readonly [Name in keyof Group]: Group[Name] extends (...all: infer All) => infer Answer
    ? (...all: Unmarked<All>) => Answer
    : Group[Name];
};

/** What is asked for after the question mark; what is undefined is left out. */
export function query(values: object): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) asked.set(name, String(value));
  }
  return asked.size === 0 ? "" : `?${asked.toString()}`;
}
