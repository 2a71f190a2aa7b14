// What an installation takes on the disk besides Node: bytes of files, from the packed packages. The floor is the
// libraries of others in it, which no work on our own code makes smaller.

import { installed } from "../installed.ts";
import {
  type InstalledPackage,
  installedPackages,
  publishedPackages,
  totalBytes,
} from "../../tools/pack/install.ts";
import { BUDGETS } from "../../tools/pack/budget.ts";
import type { Figure, Part, Workload } from "../workload.ts";

const MIB = 2 ** 20;
const LARGEST = 10;

function figure(id: string, unit: string, budget?: string): Figure {
  const bytesMax = BUDGETS.find(({ name }) => name === budget)?.bytesMax;
  const target =
    bytesMax === undefined ? {} : { target: { of: "value", aim: bytesMax / MIB } as const };
  return { id, unit, better: "lower", ...target };
}

function sizes(isCounted: (name: string) => boolean): Part {
  const counted = (folder: string): readonly InstalledPackage[] =>
    installedPackages(folder).filter(({ name }) => isCounted(name));
  return () => {
    const { project, engine } = installed();
    const all = counted(project);
    return Promise.resolve([totalBytes(all) / MIB, totalBytes(counted(engine)) / MIB, all.length]);
  };
}

/** What a default installation takes, and the engine alone; how many packages they are. */
export const size: Workload = {
  figures: [
    figure("size.default_mib", "MiB", "DEFAULT_INSTALL"),
    figure("size.engine_mib", "MiB", "ENGINE_INSTALL"),
    figure("size.packages", "packages"),
  ],
  children: true,
  once: true,
  engine: sizes(() => true),
  floor: sizes((name) => publishedPackages().every((own) => own.name !== name)),
  details: () =>
    installedPackages(installed().project)
      .slice(0, LARGEST)
      .map(({ name, bytes }) => `${name} ${(bytes / MIB).toFixed(2)} MiB`),
};
