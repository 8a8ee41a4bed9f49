import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { migrateAndBack } from '../src/targets/migrate-and-back.ts';
import { uuid, World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await World.create(inject('postgresUrl'));
});
afterEach(() => world.drop());

const SCHEMA = `
  SELECT (SELECT jsonb_agg(attname ORDER BY attrelid::regclass::text, attname) FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped) AS columns,
    (SELECT jsonb_agg(indexname ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public') AS indexes`;

describe('the target command migrate', () => {
  it('runs the migrator as often as it is asked, and leaves the schema as it was', async () => {
    const { rows: before } = await world.orders.query(SCHEMA);
    await world.order({ id: uuid(1), status: 'confirmed' });
    for (let time = 0; time < 2; time++) await migrateAndBack('order', world.services.order.databaseUrl);
    expect((await world.orders.query(SCHEMA)).rows).toEqual(before);
    const { rows } = await world.orders.query(`SELECT count(*)::int FROM schema_migrations WHERE name LIKE '9%'`);
    expect(rows).toEqual([{ count: 8 }]);
  });

  it('takes a table in parts, as one', async () => {
    await world.inventory.query(
      `CREATE TABLE parted (id integer, at timestamptz) PARTITION BY RANGE (at);
       CREATE TABLE parted_1 PARTITION OF parted DEFAULT;
       INSERT INTO parted SELECT n, now() FROM generate_series(1, 10000) AS n`,
    );
    await migrateAndBack('inventory', world.services.inventory.databaseUrl);
    const { rows } = await world.inventory.query(
      `SELECT count(*)::int AS gone FROM pg_attribute WHERE attrelid = 'parted'::regclass AND attisdropped`,
    );
    expect(rows).toEqual([{ gone: 1 }]);
  });
});
