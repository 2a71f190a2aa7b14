// PostgreSQL, with syncs on, a password of its own for each start, and no socket but loopback.

import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, resumable, startServer } from "./process.ts";
import type { Running, Service } from "./service.ts";

/** Where Debian keeps the programs of each major version. */
const DEBIAN = "/usr/lib/postgresql";
const USER = "holdfast";

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export const postgres: Service = {
  name: "postgres",
  find: async () => candidates().find((path) => existsSync(join(path, "initdb"))),
  install: {
    command: [
      "sh",
      "-c",
      "apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql",
    ],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    cost: "half a minute and 60 MB; needs Debian or Ubuntu, and root",
  },
  start: (bin) => startPostgres(bin),
};

/** Folders of programs: `HOLDFAST_POSTGRES_BIN`, else Debian's newest version. */
function candidates(): readonly string[] {
  const given = process.env["HOLDFAST_POSTGRES_BIN"];
  if (given !== undefined) return [given];
  if (!existsSync(DEBIAN)) return [];
  const versions = readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(DEBIAN, version, "bin"));
}

/** Starts it with further settings: "max_connections=300". */
export async function startPostgres(
  bin: string,
  further: readonly string[] = [],
): Promise<Running> {
  const owner = ownerOfServer();
  // Its own folder lies below one that only we may enter; the server's user could not.
  const folder = mkdtempSync("/tmp/holdfast-postgres-");
  const password = randomBytes(18).toString("base64url");
  const file = join(folder, "password");
  writeFileSync(file, password);
  if (owner !== undefined) for (const path of [folder, file]) chownSync(path, owner.uid, owner.gid);
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const data = join(folder, "data");
    initialise(bin, ["-D", data, "-U", USER, "--pwfile", file, "-A", "scram-sha-256"], owner);
    const port = await freePort();
    const settings = [
      "listen_addresses=127.0.0.1",
      `port=${port}`,
      "unix_socket_directories=",
      "fsync=on",
      "synchronous_commit=on",
      ...further,
    ];
    const flags = settings.flatMap((setting) => ["-c", setting]);
    const command = [join(bin, "postgres"), "-D", data, ...flags] as const;
    // Told to end by SIGTERM it would wait for its clients.
    const server = await resumable(() =>
      startServer(command, port, folder, { owner, endsOn: "SIGINT" }),
    );
    return {
      ...server,
      variables: {
        HOLDFAST_POSTGRES: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`,
      },
      async [Symbol.asyncDispose]() {
        await server.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The server refuses to run as root: there, the user that its package has made. */
function ownerOfServer(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid = 0, gid = 0] = ["-u", "-g"].map((flag) =>
    Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" })),
  );
  return { uid, gid };
}

function initialise(bin: string, flags: readonly string[], owner: Owner | undefined): void {
  const { status, stderr } = spawnSync(join(bin, "initdb"), flags, {
    encoding: "utf8",
    cwd: "/tmp",
    ...owner,
  });
  if (status !== 0) throw new Error(`Cannot make a database: ${stderr}`);
}
