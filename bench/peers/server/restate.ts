// Restate's server from npm, one node, with its defaults: the log server's write-ahead log is synced. The
// program is started itself, not the script around it, so that its process id is the server's.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Server, ServerMissing, answers, freePort, launch } from "../server.ts";

export async function start(folder: string): Promise<Server> {
  const platform = `${process.platform}-${process.arch}`;
  const url = new URL(
    `../node_modules/@restatedev/restate-server-${platform}/bin/restate-server`,
    import.meta.url,
  );
  const command = fileURLToPath(url);
  if (!existsSync(command))
    throw new ServerMissing(`Restate publishes no server on npm for ${platform}.`);
  const [ingress, admin, node, service] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const bound = (port: number): string => `127.0.0.1:${port}`;
  return launch({
    command,
    args: [],
    folder,
    addresses: { ingress: bound(ingress), admin: bound(admin), service: bound(service) },
    env: {
      RESTATE_BASE_DIR: join(folder, "restate"),
      RESTATE_DISABLE_TELEMETRY: "true",
      RESTATE_LOG_FILTER: "warn",
      RESTATE_BIND_ADDRESS: bound(node),
      RESTATE_ADVERTISED_ADDRESS: `http://${bound(node)}`,
      RESTATE_INGRESS__BIND_ADDRESS: bound(ingress),
      RESTATE_ADMIN__BIND_ADDRESS: bound(admin),
    },
    ready: async () =>
      (await answers(`http://${bound(admin)}/health`)) &&
      (await answers(`http://${bound(ingress)}/restate/health`)),
  });
}
