// Timers: named by their number, counted from one as the SDK does.

import { type CommandOf, type Exporter, IDENTITY, ordinalId } from "./exporter.ts";
import { duration } from "./payload.ts";

export function timerStarted(exporter: Exporter, command: CommandOf<"timer">): void {
  const { log, timers, task } = exporter;
  const event = log.add("TimerStarted", {
    timerId: ordinalId(command.timer),
    startToFireTimeout: duration(Math.max(1, command.at - log.at)),
    workflowTaskCompletedEventId: task,
  });
  timers.set(command.timer, event);
}

export function timerFired({ log, timers }: Exporter, timer: number): void {
  log.add("TimerFired", { timerId: ordinalId(timer), startedEventId: timers.get(timer) });
}

export function timerCancelled({ log, timers, task }: Exporter, timer: number): void {
  log.add("TimerCanceled", {
    timerId: ordinalId(timer),
    startedEventId: timers.get(timer),
    workflowTaskCompletedEventId: task,
    identity: IDENTITY,
  });
}
