// What happens to a registration by itself: it is told of before its expiry, then comes grace, then the end.

import { micros } from "@holdfast/core";
import type { OwnContext } from "../command/context.ts";
import type { Journal } from "../command/journal.ts";
import { domainFacts } from "./answer.ts";
import { arm } from "./pay.ts";
import { type Registration, STEPS } from "./registration.ts";

export function domainDue(subject: string, own: OwnContext, journal: Journal): void {
  const before = own.store.domains.get(subject);
  const step = before === undefined ? undefined : STEPS[before.step];
  if (before === undefined || step === undefined) return;
  const after: Registration = { ...before, status: step.status, step: before.step + 1 };
  own.store.domains.update(after);
  arm(after, own);
  const { daysLeft } = step;
  journal.keepOwn({
    id: journal.nextId(),
    operation: step.event,
    agent: after.agent,
    ref: after.ref,
    at: own.at,
    amount: micros(0n),
    event: {
      type: step.event,
      payload: {
        ...domainFacts(after),
        ...(daysLeft === undefined ? {} : { days_left: daysLeft }),
      },
    },
  });
}
