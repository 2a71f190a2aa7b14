// What an attempt throws: its failure, and behind it how its call goes on.

import { type Failure, encode } from "@holdfast/core";
import { ApplicationFailure } from "@temporalio/common";
import type { Judgement } from "../workflow/protocol.ts";
import { failureTree, treeOf } from "../workflow/tree.ts";
import type { Given } from "./given.ts";
import { defined } from "./left.ts";

export function failureOf(
  failure: Failure,
  judgement: Judgement,
  { envelope }: Given,
  now: number,
): ApplicationFailure {
  const { at } = judgement;
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.code,
    nonRetryable: at === undefined,
    details: [failureTree(failure), treeOf(encode(defined(judgement)))],
    // Where time is held, the next attempt waits for its turn by itself.
    ...(at === undefined
      ? {}
      : { nextRetryDelay: envelope.held ? 1 : Math.max(1, Math.ceil(at - now)) }),
  });
}
