import { SERVICE_KEYS } from '@valerix/system';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { freshDatabase, freshRedis, templateName } from '../src/testing.ts';

it.each(SERVICE_KEYS)('a fresh database of %s is migrated, and the caller’s own', async (name) => {
  const startedAt = performance.now();
  const database = await freshDatabase(inject('postgresUrl'), templateName(name));
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(`SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'public'`);
  expect(rows[0].tables).toBeGreaterThan(1);
  await client.end();
  await database.drop();
});

it('a fresh Redis is empty, and the caller’s own', async () => {
  const urls = await Promise.all([1, 2].map(() => freshRedis(inject('redisUrl'))));
  const [one, two] = urls.map((url) => new Redis(url)) as [Redis, Redis];
  await one.set('k', 'v');
  expect(await two.get('k')).toBeNull();
  expect(await one.dbsize()).toBe(1);
  one.disconnect();
  two.disconnect();
});
