// What a power cut may leave of a file and its write-ahead log. Copies are taken at each commit, which is a boundary
// of synchronisation; images are made of them by what SQLite's order of writes allows: the log ends, or is torn, in
// frames that were not synchronised, or the file is torn while the whole log is there.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Random, seededRandom } from "@holdfast/core";

/** Bytes of the log's header, of a frame's header, and of what a disk writes whole. */
const HEADER = 32;
const FRAME_HEADER = 24;
const SECTOR = 512;

/** The files as one commit left them. */
export interface Boundary {
  readonly file: Buffer;
  readonly log: Buffer;
  /** What lies beside them and is not synchronised. */
  readonly beside: Buffer | undefined;
  /** What the frames of this log are known by. */
  readonly salt: string;
  /** Frames of this log, synchronised all. */
  readonly frames: number;
}

export interface Image {
  readonly kind: "synced" | "tail" | "checkpoint" | "cut" | "torn";
  readonly name: string;
  readonly file: Buffer;
  readonly log: Buffer;
  readonly beside: Buffer | undefined;
  /** Commits that must be there; there may be more. */
  readonly commits: number;
}

/** Reads what a commit has left on disk. */
export function boundaryOf(path: string): Boundary {
  const log = readFileSync(`${path}-wal`);
  const salt = log.toString("hex", 16, 24);
  const beside = existsSync(`${path}.mark`) ? readFileSync(`${path}.mark`) : undefined;
  return { file: readFileSync(path), log, beside, salt, frames: framesOf(log, salt) };
}

function frameSize(log: Buffer): number {
  return FRAME_HEADER + log.readUInt32BE(8);
}

function framesOf(log: Buffer, salt: string): number {
  let frames = 0;
  for (let at = HEADER; at + frameSize(log) <= log.length; at += frameSize(log)) {
    if (log.toString("hex", at + 8, at + 16) !== salt) break;
    frames += 1;
  }
  return frames;
}

/** Puts an image where an engine, or a venue, finds it. */
export function putImage(image: Image, folder: string, name: string): void {
  const path = join(folder, name);
  writeFileSync(path, image.file);
  writeFileSync(`${path}-wal`, image.log);
  if (image.beside !== undefined) writeFileSync(`${path}.mark`, image.beside);
}

type Maker = (boundaries: readonly Boundary[], at: number, random: Random) => Image | undefined;

/** So many images, spread over all boundaries and all kinds. The seed makes them repeat. */
export function imagesOf(
  boundaries: readonly Boundary[],
  count: number,
  seed: string,
): readonly Image[] {
  const random = seededRandom(seed);
  const images: Image[] = [];
  // The log was begun again but now and then: each time is looked at.
  for (let at = 0; at + 1 < boundaries.length; at += 1) {
    const image = tornFile(boundaries, at, random);
    if (image !== undefined) images.push(image);
  }
  const makers: readonly Maker[] = [synced, tail, cut, torn];
  for (let n = 0; images.length < count; n += 1) {
    const place = ((n + random.next()) * boundaries.length) / count;
    const at = Math.floor(place) % boundaries.length;
    const image = makers[n % makers.length]?.(boundaries, at, random);
    if (image !== undefined) images.push(image);
  }
  return images;
}

const synced: Maker = (boundaries, at) => {
  const found = boundaries[at];
  return found && { ...found, kind: "synced", name: `commit ${at}`, commits: at + 1 };
};

/** The commit after was being written: any of its sectors may be there. The header of a new log comes first. */
const tail: Maker = (boundaries, at, random) => {
  const [found, next] = [boundaries[at], boundaries[at + 1]];
  if (found === undefined || next === undefined) return undefined;
  const log = mixed(found.log, next.log, random);
  if (next.salt !== found.salt) next.log.copy(log, 0, 0, HEADER);
  return { ...found, log, kind: "tail", name: `commit ${at} and a torn one`, commits: at + 1 };
};

/** The log was being written back into the file. */
const tornFile: Maker = (boundaries, at, random) => {
  const [found, next] = [boundaries[at], boundaries[at + 1]];
  if (found === undefined || next === undefined || next.file.equals(found.file)) return undefined;
  const file = mixed(found.file, next.file, random);
  return { ...next, file, kind: "checkpoint", name: `checkpoint of ${at + 1}`, commits: at + 2 };
};

/** A log that ends earlier than it was synchronised: only consistency can be asked for. */
const cut: Maker = (boundaries, at, random) => {
  const found = boundaries[at];
  if (found === undefined) return undefined;
  const frames = framesLeft(boundaries, found, random);
  const log = found.log.subarray(0, HEADER + frames * frameSize(found.log));
  const commits = commitsIn(boundaries, found, frames);
  return { ...found, log, kind: "cut", name: `frame ${frames} of commit ${at}`, commits };
};

/** The same, within a frame: half of it is missing, or is something else. */
const torn: Maker = (boundaries, at, random) => {
  const found = boundaries[at];
  if (found === undefined) return undefined;
  const frames = framesLeft(boundaries, found, random);
  const end = HEADER + frames * frameSize(found.log);
  const offset = 1 + Math.floor(random.next() * (frameSize(found.log) - 2));
  // After the last frame there may be nothing more.
  const within = Math.min(end + offset, found.log.length);
  const log =
    random.next() < 0.5
      ? found.log.subarray(0, within)
      : Buffer.from(found.log).fill(0xa5, within, Math.min(within + SECTOR, found.log.length));
  const commits = commitsIn(boundaries, found, frames);
  return { ...found, log, kind: "torn", name: `within frame ${frames} of ${at}`, commits };
};

/**
 * Where to cut. Not before the first boundary, when there may be no tables yet; and not before what was written back
 * into the file, which happens only after the log was synchronised so far.
 */
function framesLeft(boundaries: readonly Boundary[], found: Boundary, random: Random): number {
  const inLog = boundaries.filter(({ salt }) => salt === found.salt);
  const since = inLog.findIndex(({ file }) => file.equals(found.file));
  const begins = since === 0 && boundaries[0]?.salt !== found.salt;
  const least = begins ? 0 : (inLog[since]?.frames ?? 0);
  return least + Math.floor(random.next() * (found.frames - least + 1));
}

/** Commits that are whole in so many frames of this log, and all of the logs before it. */
function commitsIn(boundaries: readonly Boundary[], found: Boundary, frames: number): number {
  const begun = boundaries.findIndex(({ salt }) => salt === found.salt);
  const inLog = boundaries.filter((one) => one.salt === found.salt && one.frames <= frames);
  return begun + inLog.length;
}

/** Of each sector the old one or the new one. */
function mixed(before: Buffer, after: Buffer, random: Random): Buffer {
  const made = Buffer.alloc(Math.max(before.length, after.length));
  before.copy(made);
  for (let at = 0; at < after.length; at += SECTOR) {
    if (random.next() < 0.5) after.copy(made, at, at, at + SECTOR);
  }
  return made;
}
