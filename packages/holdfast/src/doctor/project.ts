// The project's own part: its configuration, its definitions, the venue it names, and how late its money may be.

import { formatDuration, toFailure } from "@holdfast/core";
import { type Examination, checkDefinitions } from "@holdfast/engine";
import { purpleFlea } from "@holdfast/purpleflea";
import type { Config } from "../config/config.ts";
import { type Project, loadProject } from "../config/load.ts";
import { definitionsOf } from "../host/definitions.ts";
import { profileOf } from "../host/venue.ts";
import { type Finding, fine, problem, warn } from "./finding.ts";

export interface Loaded {
  /** Undefined where the configuration cannot be used. */
  readonly project: Project | undefined;
  readonly finding: Finding;
}

export async function checkConfig(options: {
  readonly config?: string | undefined;
  readonly state?: string | undefined;
}): Promise<Loaded> {
  try {
    const project = await loadProject({
      folder: process.cwd(),
      file: options.config,
      stateFolder: options.state,
      fallback: async () => (await import("../demo/demo.ts")).demo,
    });
    const { file } = project;
    const none = 'Write holdfast.config.ts, or make a project with "holdfast init".';
    const finding =
      file === undefined
        ? warn("configuration", "none here: holdfast dev would run the demo", none)
        : fine("configuration", file);
    return { project, finding };
  } catch (error) {
    const { message } = toFailure(error);
    const finding = problem("configuration", message, "Correct it; nothing starts before.");
    return { project: undefined, finding };
  }
}

/** @param examination of the journal, where there is one */
export function checkProject(
  config: Config,
  examination: Examination | undefined,
): readonly Finding[] {
  const findings = [checkNames(config, examination), checkMoney(config)];
  return examination?.venue === undefined
    ? findings
    : [...findings, checkVenue(config, examination.venue)];
}

function checkNames(config: Config, examination: Examination | undefined): Finding {
  const about = "definitions";
  const definitions = definitionsOf(config);
  const twice = checkDefinitions(definitions, new Map()).find(
    ({ code }) => code === "HF-DEFINITION-DUPLICATE",
  );
  if (twice !== undefined) return problem(about, twice.message, "Rename one of them.");
  const names = new Set(definitions.map(({ name }) => name));
  const gone = (examination?.openWorkflows ?? []).filter((name) => !names.has(name));
  if (gone.length > 0) {
    const says = `open runs are of workflows that the project does not have: ${gone.join(", ")}`;
    return problem(about, says, "Add them to workflows, or discard the runs: holdfast dead list.");
  }
  const workflows = definitions.filter(({ kind }) => kind === "workflow").length;
  return fine(about, `${workflows} workflows, no name twice`);
}

/** A call of money must end before its venue forgets the key. */
function checkMoney(config: Config): Finding {
  const about = "money";
  const profile = profileOf(config.venue ?? { kind: "paper" });
  const listed = definitionsOf(config).filter(
    (found) => found.kind === "activity" && found.effect === "money",
  );
  const unsafe = checkDefinitions(listed, new Map([[purpleFlea.name, profile]]));
  if (unsafe.length > 0) {
    const says = unsafe.map(({ message }) => message).join(" ");
    return problem(about, says, "Shorten its total, or write reconcile.");
  }
  const keys =
    profile.idempotency === "none"
      ? "the venue honours no keys"
      : `the venue remembers keys for ${formatDuration(profile.keyTtlMs)}`;
  return fine(
    about,
    `${keys}; money activities listed in the configuration: ${listed.length}, safe`,
  );
}

function checkVenue(
  { venue = { kind: "paper" } }: Config,
  known: NonNullable<Examination["venue"]>,
): Finding {
  const mode = venue.kind === "live" ? "live" : "paper";
  const url = venue.kind === "paper" ? "paper" : venue.baseUrl;
  const says = `the journal belongs to the ${known.mode} venue ${known.url} (${known.instanceId})`;
  if (known.mode === mode && known.url === url) return fine("venue", says);
  return problem(
    "venue",
    `${says}, the configuration says ${mode} at ${url}`,
    "Bring that venue back, or use another state folder.",
  );
}
