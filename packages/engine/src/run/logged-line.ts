// A line that a workflow logged: told to the world only after the commit, and never on replay.

import type { Log, LogFields } from "@holdfast/core";

export interface LoggedLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields | undefined;
}
