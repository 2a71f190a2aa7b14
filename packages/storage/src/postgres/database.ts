// A pool of connections to one PostgreSQL database, and the schema in which the tables of a project lie.

import type { HoldfastError } from "@holdfast/core";
import { type Statement, type Steps, carryOutOn, outcomeOf } from "@holdfast/guard";
import { Pool, type PoolClient, type PoolConfig, escapeIdentifier } from "pg";
import { intentsFailed } from "../failed.ts";

export interface PostgresOptions {
  /** "postgres://user:password@host:5432/database?sslmode=require". */
  readonly url: string;
  /** Schema of the tables, made where it is missing. Projects that share a database need one each. Default "holdfast". */
  readonly schema?: string | undefined;
  /** Connections at most. Default 10. */
  readonly connections?: number | undefined;
}

const SCHEMA = "holdfast";
const CONNECTIONS = 10;
/** How long a connection may take to be made, and a statement to be carried out, in milliseconds. */
const CONNECT_MS = 5_000;
const STATEMENT_MS = 10_000;
/** One opener at a time makes or changes tables. */
const SETUP_LOCK = 4_840_201;

export class PostgresDatabase implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #where: string;
  #isOpen = false;
  #ended: Promise<void> | undefined;

  private constructor(pool: Pool, where: string) {
    this.#pool = pool;
    this.#where = where;
    // A connection that breaks at rest is replaced when the next one is needed.
    pool.on("error", () => undefined);
  }

  /**
   * Connects, and makes what is missing.
   *
   * @throws HF-INTENTS-FAILED where the database cannot be used; it never names the password
   */
  static async open(options: PostgresOptions, tables: string): Promise<PostgresDatabase> {
    const { url, schema = SCHEMA, connections = CONNECTIONS } = options;
    const where = placeOf(url, schema);
    const name = escapeIdentifier(schema);
    const config: PoolConfig = {
      connectionString: url,
      max: connections,
      application_name: "holdfast",
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: STATEMENT_MS,
      keepAlive: true,
      // What is acknowledged is on disk, whatever the role's default is.
      options: `-c synchronous_commit=on -c search_path=${name.replaceAll(" ", "\\ ")}`,
    };
    const pool = new Pool(config);
    const database = new PostgresDatabase(pool, where);
    try {
      await database.write(async (client) => {
        await client.query("SELECT pg_advisory_xact_lock($1)", [SETUP_LOCK]);
        await client.query(`CREATE SCHEMA IF NOT EXISTS ${name}`);
        await client.query(tables);
      });
      database.#isOpen = true;
      return database;
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The rows of one statement, which is a transaction of its own. */
  async rows(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, [...values])).rows;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /**
   * A procedure in one transaction, beside which no other procedure that holds the same lock alone is carried out.
   * What it refuses leaves nothing, and is told as it is.
   */
  async carryOut<Value>(steps: () => Steps<Value>, lock: Lock): Promise<Value> {
    const ended = await this.write(async (client) => {
      await client.query(lock === "alone" ? LOCK_ALONE : LOCK_SHARED, [GUARD_LOCK]);
      const outcome = await carryOutOn(outcomeOf(steps()), (statement) =>
        carryOn(client, statement),
      );
      if ("error" in outcome) await client.query("ROLLBACK; BEGIN");
      return outcome;
    });
    if ("error" in ended) throw ended.error;
    return ended.value;
  }

  /** One transaction; it is on disk when this resolves. */
  async write<Value>(step: (client: PoolClient) => Promise<Value>): Promise<Value> {
    let client: PoolClient | undefined;
    let broken: Error | undefined;
    try {
      client = await this.#pool.connect();
      await client.query("BEGIN");
      const value = await step(client);
      await client.query("COMMIT");
      return value;
    } catch (error) {
      broken = error instanceof Error ? error : new Error(String(error));
      throw this.#failed(error);
    } finally {
      // A connection whose transaction did not end is thrown away, and its transaction with it.
      client?.release(broken);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#ended ??= this.#pool.end());
  }

  #failed(cause: unknown): HoldfastError {
    return intentsFailed(this.#where, cause, this.#isOpen ? "retry" : "terminal");
  }
}

/** Whether a procedure changes what others decide by, or only reads it. */
export type Lock = "alone" | "shared";

/** Of one schema: projects that share a database wait for none but their own. */
const GUARD_LOCK = 4_840_202;
const LOCK_ALONE = "SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))";
const LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared($1, hashtext(current_schema()))";

async function carryOn(client: PoolClient, { sql, values }: Statement): Promise<readonly Row[]> {
  return (await client.query<Row>(numbered(sql), [...values])).rows;
}

const NUMBERED = new Map<string, string>();

/** The server's parameters have numbers. */
function numbered(sql: string): string {
  let found = NUMBERED.get(sql);
  if (found === undefined) {
    let count = 0;
    found = sql.replaceAll("?", () => `$${(count += 1)}`);
    NUMBERED.set(sql, found);
  }
  return found;
}

export type Row = Readonly<Record<string, unknown>>;

/** What a message may say of the database: no user, no password. */
function placeOf(url: string, schema: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !["postgres:", "postgresql:"].includes(parsed.protocol)) {
    const like = "postgres://user:password@host:5432/database";
    throw intentsFailed("PostgreSQL", `the address must be like "${like}".`, "terminal");
  }
  return `${parsed.host}${parsed.pathname} (schema ${schema})`;
}
