import { withDatabase } from '@valerix/local-stack/testing';
import pg from 'pg';

export interface DatabaseCount {
  statements: number;
  commits: number;
  wal_bytes: number;
}

/**
 * The databases for what is measured beside the system have names that begin with this. Their commits are not counted: an idle
 * backend reports its last commits up to ten seconds late, during a later run.
 */
export const LIMIT_DATABASE = 'bench_limit';

export type DatabaseStats = Awaited<ReturnType<typeof openDatabaseStats>>;

/** Counts the work of a PostgreSQL server in all its databases. It counts statements only if pg_stat_statements is loaded. */
export async function openDatabaseStats(url: string) {
  const client = new pg.Client({ connectionString: withDatabase(url, 'postgres') });
  // The server may stop while this client is open.
  client.on('error', () => {});
  await client.connect();
  const hasStatements = (await client.query(`SELECT to_regclass('pg_stat_statements') AS name`)).rows[0].name !== null;
  const statements = hasStatements
    ? `(SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE toplevel AND dbid <> (SELECT oid FROM pg_database WHERE datname = current_database()))`
    : 'NULL';
  return {
    async count(): Promise<DatabaseCount> {
      const { rows } = await client.query(
        `SELECT ${statements}::float8 AS statements, pg_current_wal_lsn() - '0/0' AS wal_bytes,
           (SELECT sum(xact_commit) FROM pg_stat_database WHERE datname <> current_database() AND NOT starts_with(datname, $1))::float8 AS commits`,
        [LIMIT_DATABASE],
      );
      const { statements: calls, wal_bytes, commits } = rows[0];
      return { statements: Number(calls ?? 0), wal_bytes: Number(wal_bytes), commits: Number(commits) };
    },
    async topStatements(limit: number): Promise<{ query: string; calls: number; total_ms: number }[]> {
      if (!hasStatements) return [];
      const { rows } = await client.query(
        `SELECT regexp_replace(query, '\\s+', ' ', 'g') AS query, calls::float8, total_exec_time::float8 AS total_ms
         FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT $1`,
        [limit],
      );
      return rows;
    },
    close: () => client.end(),
  };
}
