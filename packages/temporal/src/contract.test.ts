// The contract of the Engine port on a real Temporal server: `npm run services -- temporal -- npm test -- temporal`.
// Time is held and driven, as on the embedded engine; the server's own goes on beneath. Each behaviour has its own
// prefix, task queue and store of intents.

import "./fixture/realm-globals.ts";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Activity, type Workflow, seededRandom, silentLog } from "@holdfast/core";
import { watchFloating } from "@holdfast/engine/activity-side";
import { openSqliteIntents } from "@holdfast/storage";
import { type ContractTarget, engineContract } from "@holdfast/testing";
import { DefaultLogger, Runtime } from "@temporalio/worker";
import { DrivenEngine, type Known } from "./fixture/driven-engine.ts";
import { realmWorker } from "./fixture/realm.ts";
import { WITHOUT } from "./fixture/without.ts";
import { openTemporal } from "./open.ts";

const address = process.env["HOLDFAST_TEMPORAL"];

if (address === undefined) {
  void test("the engine contract on a real Temporal server", {
    skip: "HOLDFAST_TEMPORAL is not set: npm run services -- temporal -- npm test -- packages/temporal",
  });
} else {
  beQuiet();
  const place = (): ContractTarget => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-temporal-"));
    return targetOn({
      address,
      prefix: `${randomUUID().slice(0, 8)}/`,
      intents: join(folder, "intents.sqlite"),
      remove: () => {
        rmSync(folder, { recursive: true, force: true });
      },
    });
  };
  engineContract({
    name: "Temporal, real server",
    target: place,
    without: WITHOUT,
    timeoutMs: 60_000,
  });
}

/** The SDK tells of each task that fails, which many behaviours are about. */
function beQuiet(): void {
  const isLoud = process.env["HOLDFAST_TEMPORAL_LOUD"] !== undefined;
  Runtime.install({
    logger: new DefaultLogger(isLoud ? "INFO" : "ERROR", isLoud ? undefined : () => undefined),
    telemetryOptions: { logging: { filter: isLoud ? "WARN" : "OFF" } },
  });
}

interface TargetPlace {
  readonly address: string;
  readonly prefix: string;
  /** Path of the store of intents. */
  readonly intents: string;
  readonly remove: () => void;
}

function targetOn({ address, prefix, intents: path, remove }: TargetPlace): ContractTarget {
  const known: Known = { ids: new Set(), wakes: new Map() };
  const intents = openSqliteIntents(path);
  const floating = watchFloating();
  return {
    remote: true,
    async open({ definitions, clock, resources = [], historySuggest: suggestAt, ...given }) {
      const called = new Map<string, Activity>();
      const workflows = definitions.filter((found): found is Workflow => found.kind === "workflow");
      // Its sinks are told before it stands.
      const made: DrivenEngine[] = [];
      const idOf = (workflowId: string): string => workflowId.slice(prefix.length);
      const opened = await openTemporal({
        options: {
          address,
          namespace: "holdfast",
          prefix,
          intents,
          setup: true,
          taskQueue: prefix,
          keys: "contract",
          secret: "contract",
          drainMs: 1,
        },
        workflows,
        activities: [],
        resources,
        policies: given.policies,
        clock,
        guard: given.guard,
        onModes: given.onModes,
        random: seededRandom("contract"),
        log: silentLog,
        bundle: async () => ({ code: "" }),
        held: {
          suggestAt,
          activity: (name) => called.get(name),
          create: realmWorker(workflows, (found) => called.set(found.name, found)),
          onStarted: (id) => known.ids.add(id),
          sinks: {
            watch: {
              opened: {
                fn: ({ workflowId }) => {
                  known.ids.add(idOf(workflowId));
                },
                callDuringReplay: true,
              },
              wakes: {
                fn: ({ workflowId }, at) => {
                  made[0]?.wake(idOf(workflowId), at);
                },
                callDuringReplay: true,
              },
            },
          },
        },
      });
      const driven = new DrivenEngine(opened, clock, known);
      made.push(driven);
      await driven.recover();
      return driven;
    },
    async crash(engine) {
      await (engine as DrivenEngine).abandon();
    },
    async remove() {
      floating[Symbol.dispose]();
      await intents[Symbol.asyncDispose]();
      remove();
    },
  };
}
