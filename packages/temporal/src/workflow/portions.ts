// What one task of a run may hand to the server: messages have a limit, and several values that are each below theirs
// are together above it. The rest then waits for the next task.

import type { Command, Encoded } from "@holdfast/core";
import { sleep, workflowInfo } from "@temporalio/workflow";
import { Alone } from "./alone.ts";

/** Bytes of values in one task; the server takes 4 MB with everything around them. */
const PORTION_BYTES = 3_000_000;
/** What is shorter cannot fill a task: a run has 2,000 calls open at most. */
const SMALL = 1_000;
const AGAIN_MS = 1;

export class Portions {
  #task = -1;
  #bytes = 0;

  /** What must be waited for before the command is given; undefined where it fits this task. */
  room(command: Command): Promise<void> | undefined {
    const bytes = bytesOf(command);
    if (bytes === 0) return undefined;
    this.#begin();
    const wait = this.#bytes > 0 && this.#bytes + bytes > PORTION_BYTES ? this.#next() : undefined;
    this.#bytes = wait === undefined ? this.#bytes + bytes : bytes;
    return wait;
  }

  async #next(): Promise<void> {
    await new Alone(false).run(() => sleep(AGAIN_MS));
    this.#task = workflowInfo().historyLength;
  }

  #begin(): void {
    const { historyLength } = workflowInfo();
    if (historyLength === this.#task) return;
    this.#task = historyLength;
    this.#bytes = 0;
  }
}

function bytesOf(command: Command): number {
  const text = valueOf(command);
  if (text === undefined || text.length <= SMALL) return 0;
  return new TextEncoder().encode(text).byteLength;
}

function valueOf(command: Command): Encoded | undefined {
  switch (command.kind) {
    case "call":
    case "child":
      return command.input;
    case "send":
      return command.message.kind === "signal" ? command.message.payload : undefined;
    case "update-done":
      return command.output;
    default:
      return undefined;
  }
}
