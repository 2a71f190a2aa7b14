// A Temporal cluster of two nodes over one PostgreSQL, server 1.31.2: what docs/guides/temporal/compose.yaml says, with
// processes in place of containers. Each node runs all four roles, on an address of loopback that is its own, as on
// a host of its own. Linux only: elsewhere loopback has one address.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { goPrograms } from "./go.ts";
import { type Server, startServer } from "./process.ts";

const VERSION = "1.31.2";
/** Of the server's frontend, on each node. */
const PORT = 7_233;

/** What both nodes are told, beside where the database is and where they listen: the same as in the Compose file. */
export const NODE_ENVIRONMENT: Readonly<Record<string, string>> = {
  DB: "postgres12",
  NUM_HISTORY_SHARDS: "128",
  TEMPORAL_ALLOW_NO_AUTH: "true",
};

/** Settings of PostgreSQL: each role of each node has connections of its own. */
export const DATABASE_SETTINGS: readonly string[] = ["max_connections=300"];

/** The settings of the dynamic configuration, as the guide gives them. */
const DYNAMIC = resolve(import.meta.dirname, "../../docs/guides/temporal/dynamic.yaml");

/** The databases, and the schema of each in the tool. */
const DATABASES = { temporal: "temporal", temporal_visibility: "visibility" } as const;

export interface NodePrograms {
  readonly server: string;
  /** Makes and updates the server's tables. */
  readonly sql: string;
}

/** Throws where one is missing, with the commands that install them. */
export function findNodePrograms(): NodePrograms {
  const [server, sql] = ["server", "sql"].map((name) => goPrograms(name).find(isVersion));
  if (server !== undefined && sql !== undefined) return { server, sql };
  throw new Error(
    `The programs of server ${VERSION} are not installed:
  CGO_ENABLED=0 go install -tags disable_grpc_modules go.temporal.io/server/cmd/server@v${VERSION}
  CGO_ENABLED=0 go install go.temporal.io/server/cmd/tools/sql@v${VERSION}`,
  );
}

function isVersion(path: string): boolean {
  return (
    existsSync(path) && execFileSync(path, ["--version"], { encoding: "utf8" }).includes(VERSION)
  );
}

/** Makes the two databases of the server, with their tables. */
export function makeDatabases(sql: string, url: string): void {
  const { hostname, port, username, password } = new URL(url);
  for (const [database, schema] of Object.entries(DATABASES)) {
    const env = {
      ...process.env,
      SQL_PLUGIN: "postgres12",
      SQL_HOST: hostname,
      SQL_PORT: port,
      SQL_USER: username,
      SQL_PASSWORD: decodeURIComponent(password),
      SQL_DATABASE: database,
    };
    for (const args of [
      ["create-database"],
      ["setup-schema", "-v", "0.0"],
      ["update-schema", "--schema-name", `postgresql/v12/${schema}`],
    ])
      execFileSync(sql, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  }
}

export interface NodeRequest {
  /** "postgres://…", whose role owns the databases. */
  readonly url: string;
  /** The address on which it listens, of this machine. */
  readonly address: string;
  /** For its log. */
  readonly folder: string;
}

export interface Node extends Server {
  /** "host:port" of its frontend. */
  readonly frontend: string;
  readonly log: () => string;
}

/** Starts a node; resolves when its frontend answers. */
export async function startNode(
  { server }: NodePrograms,
  { url, address, folder }: NodeRequest,
): Promise<Node> {
  const { hostname, port, username, password } = new URL(url);
  mkdirSync(folder, { recursive: true });
  const env = {
    ...NODE_ENVIRONMENT,
    POSTGRES_SEEDS: hostname,
    DB_PORT: port,
    POSTGRES_USER: username,
    POSTGRES_PWD: decodeURIComponent(password),
    BIND_ON_IP: address,
    TEMPORAL_BROADCAST_ADDRESS: address,
    DYNAMIC_CONFIG_FILE_PATH: DYNAMIC,
    LOG_LEVEL: "info",
  };
  const command = [server, "start"] as const;
  const started = await startServer(command, PORT, folder, { env, host: address });
  const log = (): string => readFileSync(join(folder, "server.log"), "utf8");
  return { ...started, frontend: `${address}:${PORT}`, log };
}
