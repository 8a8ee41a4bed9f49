import { withDatabase } from '@valerix/local-stack/testing';
import pg from 'pg';
import { LIMIT_DATABASE } from '../measure/database-stats.ts';

/** Creates an empty database beside those of the system, on the same server. */
export async function createLimitDatabase(serverUrl: string, what: string) {
  const name = `${LIMIT_DATABASE}_${what}`;
  const admin = new pg.Client({ connectionString: withDatabase(serverUrl, 'postgres') });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  return {
    url: withDatabase(serverUrl, name),
    checkpoint: () => admin.query('CHECKPOINT'),
    async drop(): Promise<void> {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}
