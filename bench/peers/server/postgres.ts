// PostgreSQL as Debian packages it, with its own defaults: fsync and synchronous_commit on. It refuses to run
// as root, so root starts it as the user that the package makes.

import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, globSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Server, ServerMissing, freePort, launch } from "../server.ts";

const INSTALL = "apt-get install postgresql";

/** The folder of the newest PostgreSQL's programs. */
function programs(): string {
  const found = globSync("/usr/lib/postgresql/*/bin/initdb").sort(
    (a, b) =>
      Number.parseInt(a.split("/")[4] ?? "", 10) - Number.parseInt(b.split("/")[4] ?? "", 10),
  );
  const newest = found.at(-1);
  if (newest === undefined) throw new ServerMissing(`PostgreSQL is not installed: ${INSTALL}`);
  return dirname(newest);
}

function postgresUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  try {
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    throw new ServerMissing(`There is no user "postgres" to run PostgreSQL as: ${INSTALL}`);
  }
}

export async function start(folder: string): Promise<Server> {
  const bin = programs();
  const user = postgresUser();
  const data = join(folder, "postgres");
  mkdirSync(data);
  if (user !== undefined) {
    // Its user must reach its data.
    chmodSync(folder, 0o711);
    chownSync(data, user.uid, user.gid);
  }
  execFileSync(
    join(bin, "initdb"),
    ["-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"],
    { ...user, stdio: "ignore", cwd: data },
  );
  const port = String(await freePort());
  const options = ["-h", "127.0.0.1", "-p", port, "-k", data];
  return launch({
    command: join(bin, "postgres"),
    args: ["-D", data, ...options],
    folder,
    addresses: { postgres: `127.0.0.1:${port}` },
    ...(user === undefined ? {} : { user }),
    ready: (log) => log.includes("database system is ready to accept connections"),
  });
}
