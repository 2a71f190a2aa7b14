// How a workflow's function ended. The run closes so once no money call is open.

import {
  type CarriedSignal,
  type Command,
  type Encoded,
  type Failure,
  HISTORY_ENTRIES_MAX,
  HoldfastError,
  toFailure,
} from "@holdfast/core";

export type Ending =
  | { readonly kind: "completed"; readonly output: Encoded }
  | { readonly kind: "run-failed"; readonly failure: Failure }
  | { readonly kind: "cancelled"; readonly reason: string }
  | {
      readonly kind: "continued";
      readonly input: Encoded;
      readonly loop: Encoded | undefined;
      /** The next generation is another engine's. */
      readonly elsewhere: boolean;
    };

/** The function has ended, and something is waited for. */
export function closingOf(ending: Ending): Command {
  const leaves = ending.kind === "continued" && ending.elsewhere ? ending.loop : undefined;
  return { kind: "closing", ...(leaves === undefined ? {} : { leaves }) };
}

export function continuedOf(
  { input, loop, elsewhere }: Ending & { readonly kind: "continued" },
  signals: readonly CarriedSignal[],
): Command {
  return {
    kind: "continued",
    input,
    ...(loop === undefined ? {} : { loop }),
    ...(signals.length === 0 ? {} : { signals }),
    ...(elsewhere ? { elsewhere: true } : {}),
  };
}

/** A run's failure is final: whatever might have been retried inside it is over. */
export function final(failure: Failure): Failure {
  return failure.disposition === "retry" || failure.disposition === "retry-after"
    ? { ...failure, disposition: "terminal" }
    : failure;
}

/** The end of a run whose history is full. */
export function historyFull(id: string): Ending {
  const message = `Run "${id}" has more than ${HISTORY_ENTRIES_MAX} history entries: use ctx.loop or ctx.continueAs.`;
  return { kind: "run-failed", failure: toFailure(new HoldfastError("HF-HISTORY-LIMIT", message)) };
}
