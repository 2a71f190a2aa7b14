// What a run of Holdfast begins with beside its input. In Temporal's model it is the second argument of the
// workflow: nothing in a started event has a place for it.

import { type CarriedSignal, type Encoded, type Tags, encode } from "@holdfast/core";

export interface Origin {
  readonly account: string;
  /** First part of all keys. */
  readonly namespace: string;
  readonly root: string;
  readonly generation: number;
  /** The workflow id of the run that started this one. */
  readonly parent?: string | undefined;
  readonly notBefore?: number | undefined;
  readonly tags?: Tags | undefined;
  readonly memo?: Encoded | undefined;
  readonly loop?: Encoded | undefined;
  readonly signals?: readonly CarriedSignal[] | undefined;
}

export function encodeOrigin(origin: Origin): Encoded {
  const given = Object.entries(origin).filter(([, value]) => value !== undefined);
  return encode(Object.fromEntries(given));
}
