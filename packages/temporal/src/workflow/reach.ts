// What the SDK keeps to itself: headers of activities and the reason of a cancellation, taken by interceptors
// that are bundled beside the workflows. Both are handed over within one synchronous step.

import type { Encoded } from "@holdfast/core";
import { defaultPayloadConverter } from "@temporalio/common";
import type { WorkflowInterceptors } from "@temporalio/workflow";
import { ENVELOPE_HEADER } from "./protocol.ts";

let envelope: Encoded | undefined;
let reason: string | undefined;

/** Schedules an activity with what its attempts are told. */
export function withEnvelope<Value>(given: Encoded, schedule: () => Value): Value {
  envelope = given;
  try {
    return schedule();
  } finally {
    envelope = undefined;
  }
}

/** Why the run was asked to cancel. */
export function cancelReason(): string | undefined {
  return reason;
}

function headersOf<Headers extends object>(headers: Headers): Headers {
  if (envelope === undefined) return headers;
  return { ...headers, [ENVELOPE_HEADER]: defaultPayloadConverter.toPayload(envelope) };
}

export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      activate(input, next) {
        for (const { cancelWorkflow } of input.activation.jobs ?? []) {
          const given = cancelWorkflow?.reason;
          reason = given === undefined || given === null || given === "" ? undefined : given;
        }
        next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: (input, next) => next({ ...input, headers: headersOf(input.headers) }),
      scheduleLocalActivity: (input, next) => next({ ...input, headers: headersOf(input.headers) }),
    },
  ],
});
