// Turns the operations of a request into facts, new runs and writes.

import { type Applied, type Fact, type Operation, parseId } from "@holdfast/core";
import { terminated } from "./closed.ts";
import { planAnswer } from "./answer.ts";
import { planComplete, planHeartbeat } from "./complete.ts";
import { planDiscard, planResume } from "./dead.ts";
import { type Draft, type Planner, known, openRun, remember } from "./draft.ts";
import { planSignal, planUpdate } from "./message.ts";
import { planDrain, planMoving } from "./drain.ts";
import { type Plan, type Request, intake } from "./plan.ts";
import { planResolve } from "./resolve.ts";
import { planStart } from "./start.ts";

/** Plans one request; throws, with nothing planned, where it cannot be accepted. */
export async function planRequest(planner: Planner, plan: Plan, request: Request): Promise<void> {
  const facts: Fact[] = [];
  const actions: (() => void)[] = [];
  const draft: Draft = {
    plan,
    begun: new Map(),
    settled: new Set(),
    delivered: new Map(),
    push(live, isNew, fact) {
      facts.push(fact);
      actions.push(() => {
        intake(plan, live, isNew).facts.push(fact);
      });
    },
    need(fact) {
      facts.push(fact);
    },
    onAccept(action) {
      actions.push(action);
    },
  };
  const applied: Applied[] = [];
  for (const operation of request.operations) {
    applied.push(await planOperation(planner, draft, operation));
  }
  for (const action of actions) action();
  plan.accepted.push({ request, applied, facts });
}

async function planOperation(
  planner: Planner,
  draft: Draft,
  operation: Operation,
): Promise<Applied> {
  const { plan } = draft;
  checkNames(operation);
  switch (operation.kind) {
    case "start":
      return planStart(planner, draft, operation);
    case "signal":
      await planSignal(planner, draft, operation);
      break;
    case "update":
      await planUpdate(planner, draft, operation);
      break;
    case "cancel": {
      if (known(planner, draft, operation.requestId)) break;
      const live = await openRun(planner, draft, operation.id, "cancel");
      const fact: Fact = { kind: "cancel", reason: operation.reason };
      remember(draft, operation.requestId, live.row.row, fact);
      draft.push(live, false, fact);
      break;
    }
    case "terminate": {
      const live = await openRun(planner, draft, operation.id, "terminate");
      draft.push(live, false, { kind: "terminated", failure: terminated(live, operation.reason) });
      break;
    }
    case "resolve":
      await planResolve(planner, draft, operation);
      break;
    case "complete":
      await planComplete(planner, draft, operation);
      break;
    case "heartbeat":
      await planHeartbeat(planner, draft, operation);
      break;
    case "resume":
      planResume(planner, draft, operation);
      break;
    case "discard":
      await planDiscard(planner, draft, operation);
      break;
    case "answer":
      await planAnswer(planner, draft, operation);
      break;
    case "drain":
      planDrain(planner, draft, operation);
      break;
    case "breaker": {
      const { policing } = planner;
      policing.check(operation);
      draft.onAccept(() => {
        plan.writes.push(policing.force(operation, plan.at));
      });
      break;
    }
    case "moving":
      planMoving(planner, draft, operation);
      break;
    case "cursor":
      planCursor(draft, operation);
      break;
  }
  return { kind: "ok" };
}

function planCursor(draft: Draft, { name, value }: Operation & { readonly kind: "cursor" }): void {
  draft.onAccept(() => {
    draft.plan.writes.push((store) => {
      store.setCursor(name, value);
    });
  });
}

/** Names that only the store sees: two of them must never be kept as the same text. */
function checkNames(operation: Operation): void {
  if ("requestId" in operation) parseId(operation.requestId, "request id");
  if (operation.kind === "start") parseId(operation.account, "account");
  if (operation.kind === "cursor") parseId(operation.name, "cursor name");
}
