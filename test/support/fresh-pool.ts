import { freshDatabase } from '@valerix/local-stack/testing';
import { createLogger } from '@valerix/service-kit/logger';
import { createPool } from '@valerix/service-kit/postgres';
import { inject } from 'vitest';

/** A service's pool on a new database, for tests that need no process. */
export async function freshPool(template: string, max: number) {
  const database = await freshDatabase(inject('postgresUrl'), template);
  const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
  const pool = createPool({ url: database.url, service: 'test', max, logger });
  return {
    pool,
    url: database.url,
    async drop() {
      await pool.end();
      await database.drop();
    },
  };
}
