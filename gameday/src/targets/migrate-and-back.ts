import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repoRoot } from '@valerix/local-stack/config';
import { withClient } from '@valerix/local-stack/servers/databases';
import { migrate } from '@valerix/service-kit/migrate';
import { declaration, type ServiceKey } from '@valerix/system';

/** The largest table, which nearly every request writes to, or the largest partition; and the whole table. */
const LARGEST = `
  SELECT oid::regclass AS part, coalesce(pg_partition_root(oid), oid)::regclass AS whole,
    (SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped LIMIT 1) AS first
  FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY pg_relation_size(oid) DESC LIMIT 1`;

const APPLIED = 'SELECT name FROM schema_migrations ORDER BY id';

/** The migrations of one call. The first two take the strongest lock, the others the most time. */
const migrationsOf = ({ part, whole, first }: Record<'part' | 'whole' | 'first', string>) => ({
  column_made: `ALTER TABLE ${whole} ADD COLUMN IF NOT EXISTS made_and_dropped integer`,
  column_dropped: `ALTER TABLE ${whole} DROP COLUMN IF EXISTS made_and_dropped`,
  index_made: `-- no transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS made_and_dropped ON ${part} (${first})`,
  index_dropped: '-- no transaction\nDROP INDEX CONCURRENTLY IF EXISTS made_and_dropped',
});

/**
 * Runs the migrator on a service's database while the service runs, with four more files that leave the schema as it was. Can be
 * repeated. @throws when a migration fails, or gets no lock in time
 */
export async function migrateAndBack(key: ServiceKey, databaseUrl: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-migrations-'));
  try {
    cpSync(join(repoRoot, declaration(key).name, 'migrations'), folder, { recursive: true });
    const [largest, applied] = await withClient(databaseUrl, async (client) => [
      (await client.query(LARGEST)).rows[0],
      (await client.query<{ name: string }>(APPLIED)).rows.map(({ name }) => name),
    ]);
    // The migrator compares the names that it has applied, so those of earlier calls must be there again.
    const earlier = applied.filter((name) => name.startsWith('9'));
    for (const name of earlier) writeFileSync(join(folder, `${name}.sql`), '');
    for (const [index, [name, sql]] of Object.entries(migrationsOf(largest)).entries()) {
      writeFileSync(join(folder, `${9_001 + earlier.length + index}_${name}.sql`), sql);
    }
    await migrate(key, folder, { DATABASE_URL: databaseUrl });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
