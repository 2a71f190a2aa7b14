// The peers by name: where each is reached, which server it needs, and where its program lies. Those of
// `foreign` need packages that are installed on first use, so nothing of them is imported here.

import type { StartServer } from "./server.ts";
import { start as postgres } from "./server/postgres.ts";
import { startAlways, startEverySecond } from "./server/redis.ts";
import { start as restate } from "./server/restate.ts";
import { start as temporal } from "./server/temporal.ts";

export interface Listed {
  readonly name: string;
  readonly title: string;
  /** The program that opens it. */
  readonly module: string;
  /** Whether it needs packages that the root does not have. */
  readonly foreign: boolean;
  /** Absent: all of it is in the process. */
  readonly server?: StartServer;
}

const own = (name: string, title: string, server?: StartServer): Listed => ({
  name,
  title,
  module: new URL(`own/${name}.ts`, import.meta.url).href,
  foreign: false,
  ...(server === undefined ? {} : { server }),
});

const foreign = (name: string, title: string, server?: StartServer): Listed => ({
  name,
  title,
  module: new URL(`foreign/${name}.ts`, import.meta.url).href,
  foreign: true,
  ...(server === undefined ? {} : { server }),
});

/** In the order of the report. */
export const PEERS: readonly Listed[] = [
  own("floor", "floor"),
  own("holdfast", "Holdfast"),
  foreign("openworkflow", "OpenWorkflow, SQLite"),
  foreign("dbos", "DBOS, PostgreSQL", postgres),
  foreign("restate", "Restate", restate),
  foreign("bullmq-always", "BullMQ, fsync always", startAlways),
  foreign("bullmq-everysec", "BullMQ, fsync a second", startEverySecond),
  foreign("temporal", "Temporal", temporal),
  own("holdfast-temporal", "Holdfast on Temporal", temporal),
];
