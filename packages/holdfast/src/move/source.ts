// The engine that runs leave, as the commands reach it: the process that runs it, or else its journal, which is then
// owned for as long as it takes.

import { existsSync } from "node:fs";
import {
  CLOSE_ALL,
  type DrainReport,
  type DrainRequest,
  type MovedBook,
  type MovingRequest,
  type StoredIntent,
  decode,
  hasCode,
} from "@holdfast/core";
import { type MovableJournal, openMovable } from "@holdfast/engine";
import { notification } from "@holdfast/notify";
import { type ControlClient, connectControl, notRunning } from "../control/client.ts";
import { stateFolder } from "../host/state-folder.ts";

/** People are told of what still runs, and may get it out. */
const STILL: readonly string[] = [notification.name, CLOSE_ALL];

interface IntentPage {
  readonly intents: readonly StoredIntent[];
  readonly after?: string | undefined;
}

interface PageFilter {
  readonly run?: string | undefined;
  readonly after?: string | undefined;
}

export interface MoveSource extends Disposable {
  report(): Promise<DrainReport>;
  /** What is known of effects: of one run, or what is settled of all. */
  intents(filter: PageFilter): Promise<IntentPage>;
  /** What the guard has counted of them, and, on the first page, who is halted. */
  book(filter: PageFilter): Promise<MovedBook>;
  drain(request: DrainRequest): Promise<void>;
  moving(request: MovingRequest): Promise<void>;
}

/** @throws HF-NOT-RUNNING where there is neither a process nor a journal; HF-NOT-EMBEDDED */
export async function openSource(folder: string): Promise<MoveSource> {
  try {
    const control = connectControl(folder);
    // Whether it answers, and which engine it runs, shows at the first question only.
    await control.get("/api/engine");
    return overControl(control);
  } catch (error) {
    // A process of this folder that runs on another engine by now leaves the journal alone.
    if (!hasCode(error, "HF-NOT-RUNNING") && !hasCode(error, "HF-NOT-EMBEDDED")) throw error;
    const { journal } = stateFolder(folder);
    if (!existsSync(journal)) throw notRunning(folder);
    return overJournal(openMovable(journal));
  }
}

function overControl(control: ControlClient): MoveSource {
  return {
    report: async () => (await control.get("/api/engine")) as unknown as DrainReport,
    intents: async (filter) =>
      (await control.get("/api/engine/intents", { ...filter })) as unknown as IntentPage,
    async book(filter) {
      const { book } = await control.get("/api/engine/guard", { ...filter });
      return decode(String(book)) as MovedBook;
    },
    async drain(request) {
      await control.post("/api/engine/drain", { ...request, except: STILL });
    },
    async moving(request) {
      await control.post("/api/engine/moving", request);
    },
    [Symbol.dispose]() {
      // Nothing of it is ours.
    },
  };
}

function overJournal(journal: MovableJournal): MoveSource {
  return {
    report: () => journal.report(),
    intents: async (filter) => journal.intents(filter),
    book: async (filter) => journal.book(filter),
    drain: async (request) => {
      journal.drain({ ...request, except: STILL });
    },
    moving: async (request) => {
      journal.moving(request);
    },
    [Symbol.dispose]() {
      journal[Symbol.dispose]();
    },
  };
}
