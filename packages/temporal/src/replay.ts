// Replays an exported history in Temporal's own SDK: its core compares the commands of the code with the events,
// and here the values that the code hands over are compared with those in the events.

import { HoldfastError } from "@holdfast/core";
import type { Payloads, TemporalEvent, TemporalHistory } from "@holdfast/engine";
import {
  DefaultLogger,
  type InjectedSinks,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from "@temporalio/worker";
import { globalHandlers } from "@temporalio/worker/lib/workflow/vm-shared.js";
import { REHEARSAL, type WitnessSinks } from "./workflow/witness.ts";

export interface ReplayRequest {
  readonly bundle: WorkflowBundleWithSourceMap;
  readonly id: string;
  readonly history: Pick<TemporalHistory, "events">;
}

interface Attributes {
  readonly activityId?: string;
  readonly workflowId?: string;
  readonly input?: Payloads;
  readonly result?: Payloads;
}

/**
 * Resolves when the code does what the history says.
 *
 * @throws `DeterminismViolationError` of the SDK where commands differ; HF-DETERMINISM where values do
 */
export async function replay({ bundle, id, history }: ReplayRequest): Promise<void> {
  for await (const { problem } of replayEach(bundle, [{ id, history }])) {
    if (problem !== undefined) throw problem;
  }
}

export interface Recorded {
  readonly id: string;
  /** Its id at the server, where that has a prefix. Default: `id`. */
  readonly workflowId?: string | undefined;
  readonly history: Pick<TemporalHistory, "events">;
}

interface Replayed {
  readonly id: string;
  /** Undefined where the code does what the history says. */
  readonly problem: Error | undefined;
}

/** Replays one history after the other. */
export async function* replayEach(
  workflowBundle: WorkflowBundleWithSourceMap,
  recorded: Iterable<Recorded> | AsyncIterable<Recorded>,
): AsyncIterable<Replayed> {
  beQuiet();
  using _replaying = replaying();
  const told = new Map<string, string>();
  const sinks: InjectedSinks<WitnessSinks> = {
    witness: {
      told: {
        fn(_info, what, values) {
          told.set(what, JSON.stringify(values));
        },
        callDuringReplay: true,
      },
      patched: { fn: () => undefined },
    },
  };
  let last: Recorded | undefined;
  async function* histories() {
    for await (const each of recorded) {
      told.clear();
      last = each;
      yield { workflowId: each.workflowId ?? each.id, history: each.history };
    }
  }
  const options = { workflowBundle, sinks, replayName: REHEARSAL };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories())) {
    const id = last?.id ?? workflowId;
    yield { id, problem: error ?? (last === undefined ? undefined : difference(last, told)) };
  }
}

/** Where the code hands over other values than the history has. */
function difference(
  { id, history }: Recorded,
  told: ReadonlyMap<string, string>,
): HoldfastError | undefined {
  for (const [what, values] of handedOver(history.events)) {
    const found = told.get(what);
    if (found === values) continue;
    return new HoldfastError(
      "HF-DETERMINISM",
      `Cannot replay run "${id}": ${what} hands over ${found ?? "nothing"}, and its history has ${values}.`,
    );
  }
  return undefined;
}

/** The values in the events of a history that its workflow handed over, by what they are for. */
function* handedOver(events: readonly TemporalEvent[]): Iterable<readonly [string, string]> {
  for (const event of events) {
    const key = Object.keys(event).find((name) => name.endsWith("EventAttributes")) ?? "";
    const { activityId = "", workflowId = "", input, result } = event[key] as Attributes;
    switch (event.eventType) {
      case "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED":
        yield [`call ${activityId}`, texts(input)];
        break;
      case "EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED":
        yield [`child ${workflowId}`, texts(input)];
        break;
      case "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED":
        yield ["completion", texts(result)];
        break;
      case "EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW":
        yield ["continuation", texts(input)];
        break;
      default:
        break;
    }
  }
}

/** The values of payloads as one JSON text. */
function texts(given: Payloads | undefined): string {
  const each = given?.payloads.map(({ data }) => Buffer.from(data, "base64").toString("utf8"));
  return `[${each?.join(",") ?? ""}]`;
}

let isQuiet = false;

/** A history that does not fit is an answer here, not an incident to be logged. */
export function beQuiet(): void {
  if (isQuiet) return;
  isQuiet = true;
  Runtime.install({
    logger: new DefaultLogger("ERROR"),
    telemetryOptions: { logging: { filter: "OFF" } },
  });
}

let replays = 0;

/**
 * For the time of a replay. The SDK hooks into each promise and each stack of the process that replays, and leaves the
 * hooks there: a worker that has loaded its workflows once would pay for them as long as it lives.
 */
export function replaying(): Disposable {
  replays += 1;
  return {
    [Symbol.dispose]() {
      replays -= 1;
      if (replays === 0) globalHandlers.uninstall();
    },
  };
}
