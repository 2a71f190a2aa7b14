// Where a file belongs, by its path alone: a package and a folder of its sources, or a folder beside them.

import { FOLDERS } from "../layers.ts";

export interface Place {
  /** `packages/core`, `tools`, …: relative imports must stay inside. */
  readonly home: string;
  /** The folder under `packages`, if it is there. */
  readonly package: string | undefined;
  /** The first folder under `src`, if there is one. */
  readonly folder: string | undefined;
}

/** Undefined for a file that belongs to the whole repository. */
export function placeOf(path: string): Place | undefined {
  const parts = path.split("/");
  const [top, name, src, folder] = parts;
  if (top === "packages" && name !== undefined && parts.length > 2) {
    const inFolder = src === "src" && parts.length > 4;
    return {
      home: `packages/${name}`,
      package: name,
      folder: inFolder ? folder : undefined,
    };
  }
  if (top !== undefined && Object.hasOwn(FOLDERS, top) && parts.length > 1) {
    return { home: top, package: undefined, folder: undefined };
  }
  return undefined;
}

export const isUnder = (path: string, places: readonly string[]): boolean =>
  places.some((place) => path.startsWith(place));
