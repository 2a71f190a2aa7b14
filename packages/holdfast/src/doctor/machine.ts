// What a project stands on: the version of Node, and the state folder with its rights, its disk and its file
// system. Changes nothing.

import { accessSync, constants, existsSync, readdirSync, statSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { type Finding, fine, problem, warn } from "./finding.ts";

const NODE_MAJOR = 24;

export function checkNode(version: string): Finding {
  if (Number.parseInt(version, 10) >= NODE_MAJOR) return fine("Node", version);
  return problem("Node", version, `Install Node ${NODE_MAJOR} or newer.`);
}

export function checkFolder(path: string): readonly Finding[] {
  const about = "state folder";
  if (!existsSync(path)) {
    return [
      warn(about, `${path} is not there`, "Start the project once, or name it with --state."),
    ];
  }
  if (!statSync(path).isDirectory()) {
    return [problem(about, `${path} is no folder`, "Name another folder with --state.")];
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [problem(about, reason, "Make the folder readable and writable for this user.")];
  }
  return [fine(about, path), checkRights(path), checkFileSystem(path), checkSpace(path)];
}

/** Secrets, the token and the ports are this user's alone. */
function checkRights(path: string): Finding {
  const about = "rights";
  if (process.platform === "win32") return fine(about, "not looked at on Windows");
  const secrets = join(path, "secrets");
  const files = existsSync(secrets) ? readdirSync(secrets).map((name) => join(secrets, name)) : [];
  const named = ["control.json", "ports.json"].map((name) => join(path, name));
  const open = [path, secrets, ...files, ...named].filter(
    (name) => existsSync(name) && (statSync(name).mode & 0o077) !== 0,
  );
  if (open.length === 0) return fine(about, "nobody but this user may look into it");
  return problem(
    about,
    `others may look into ${open.join(", ")}`,
    `chmod go= ${open.join(" ")}; replace the keys if others use this machine.`,
  );
}

/** Numbers of Linux for file systems over a network, on which locks and syncs may not hold. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"],
  [0x00c36400, "Ceph"],
  [0x01021997, "9P"],
  [0x5346414f, "AFS"],
]);

function checkFileSystem(path: string): Finding {
  const about = "file system";
  if (process.platform !== "linux") return fine(about, "known on Linux only");
  // Older kernels give the number with its sign.
  const name = NETWORK.get(statfsSync(path).type >>> 0);
  if (name === undefined) return fine(about, "local, as far as its kind tells");
  return problem(
    about,
    `${name}, over a network`,
    "Move the state folder to a local disk: locks and syncs may not hold here.",
  );
}

const MIB = 1_024 * 1_024;
const SPACE_PROBLEM = 64 * MIB;
const SPACE_WARN = 512 * MIB;

function checkSpace(path: string): Finding {
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const says = `${sizeOf(free)} free`;
  const advice = "Free some space before the journal cannot be written any more.";
  if (free < SPACE_PROBLEM) return problem("disk", says, advice);
  return free < SPACE_WARN ? warn("disk", says, advice) : fine("disk", says);
}

/** Bytes for people. */
export function sizeOf(bytes: number): string {
  return bytes < MIB ? `${Math.ceil(bytes / 1_024)} KiB` : `${(bytes / MIB).toFixed(1)} MiB`;
}
