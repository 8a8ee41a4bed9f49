import { expect, it, onTestFinished } from 'vitest';
import { freshPool } from '../../../test/support/fresh-pool.ts';
import { divide, fence, inTurn, type KeptTable, readPeriods, removeFences } from '../src/retention/period-store.ts';
import { boundAfter, boundAt, FAR, FIRST, nameFrom, overdueOf, periodOf, timeOf } from '../src/retention/periods.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const KEPT: Record<'order' | 'inventory', KeptTable[]> = {
  order: [
    { name: 'orders', by: 'order_id' },
    { name: 'order_events', by: 'order_id' },
    { name: 'operator_audit', by: 'uuid_at(at)' },
  ],
  inventory: [
    { name: 'inventory_decisions', by: 'order_id' },
    { name: 'inventory_transactions', by: 'coalesce(order_id, uuid_at(created_at))' },
  ],
};

/** What the database enforces on a table, without the names. */
/** A part that was made by a division has no older rows, so all its checks are valid. */
const RULES = `SELECT
  ARRAY(SELECT replace(pg_get_constraintdef(oid), ' NOT VALID', '') FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype <> 'n' ORDER BY 1) AS constraints,
  ARRAY(SELECT regexp_replace(indexdef, '^.* USING', '') FROM pg_indexes WHERE tablename = $1::text ORDER BY 1) AS indexes`;

it.each(['order', 'inventory'] as const)(
  'divides the large tables of the %s service without reading them under a lock, and every period enforces the same',
  async (key) => {
    const { pool, drop } = await freshPool(`${key}_template`, 2);
    onTestFinished(drop);
    const tables = KEPT[key];
    const names = tables.map(({ name }) => name);
    const now = Date.now();
    const at = boundAfter(now + DAY_MS, DAY_MS);
    const implied: string[] = [];
    await inTurn(pool, async (client) => {
      const rules: unknown[] = [];
      for (const name of names) rules.push((await client.query(RULES, [name])).rows[0]);
      client.on('notice', ({ message }) => void implied.push(message ?? ''));
      await fence(client, tables, names, { from: FIRST, to: at });
      await client.query('SET client_min_messages = debug1');
      await divide(client, tables, undefined, at);
      await client.query('SET client_min_messages = notice');
      for (const [n, name] of names.entries()) {
        // As PostgreSQL says instead of reading all rows.
        expect(implied).toContainEqual(
          `partition constraint for table "${name}_before" is implied by existing constraints`,
        );
        for (const part of [`${name}_before`, nameFrom(name, at), `${name}_beyond`]) {
          expect((await client.query(RULES, [part])).rows[0]).toEqual(rules[n]);
        }
      }
      const [, last] = await readPeriods(client, tables);
      if (!last) throw new Error('there is one period only');
      const later = boundAfter(timeOf(at), DAY_MS);
      await fence(client, tables, last.parts, { from: at, to: later });
      await client.query('SET client_min_messages = debug1');
      await divide(client, tables, last, later);
      await client.query('SET client_min_messages = notice');
      for (const part of last.parts) {
        expect(implied).toContainEqual(`partition constraint for table "${part}" is implied by existing constraints`);
      }
      expect((await readPeriods(client, tables)).map(({ from, to }) => [from, to])).toEqual([
        [FIRST, at],
        [at, later],
        [later, FAR],
        [FAR, 'MAXVALUE'],
      ]);
      expect((await client.query(RULES, [nameFrom(names[0] as string, later)])).rows[0]).toEqual(rules[0]);
    });
  },
);

it('a divided table goes on numbering its rows, and calls the triggers it had', async () => {
  const { pool, drop } = await freshPool('inventory_template', 2);
  onTestFinished(drop);
  const audit = KEPT.order.slice(2);
  const write = () =>
    pool.query("INSERT INTO operator_audit (who, action, what, why) VALUES ('a', 'b', '{}', 'c') RETURNING id::int");
  const before = (await write()).rows[0].id;
  await inTurn(pool, (client) => divide(client, audit, undefined, boundAfter(Date.now(), DAY_MS)));
  expect((await write()).rows[0].id).toBeGreaterThan(before);
  expect((await pool.query('SELECT count(*)::int AS n FROM operator_audit')).rows).toEqual([{ n: 2 }]);
  await expect(pool.query('DELETE FROM operator_audit')).rejects.toThrow('append only');
});

it('a fence that a killed process left is taken away', async () => {
  const { pool, drop } = await freshPool('order_template', 2);
  onTestFinished(drop);
  const fences = "SELECT count(*)::int AS n FROM pg_constraint WHERE conname = 'kept_before'";
  await inTurn(pool, (client) =>
    fence(client, KEPT.order, ['orders', 'order_events', 'operator_audit'], { from: FIRST, to: boundAt(4e12) }),
  );
  expect((await pool.query(fences)).rows).toEqual([{ n: 3 }]);
  await inTurn(pool, removeFences);
  expect((await pool.query(fences)).rows).toEqual([{ n: 0 }]);
});

it('one process at a time looks after the history', async () => {
  const { pool, drop } = await freshPool('order_template', 2);
  onTestFinished(drop);
  const second = await inTurn(pool, async () => [await inTurn(pool, async () => 'two at a time')]);
  expect(second).toEqual([undefined]);
});

it.each([
  [90 * DAY_MS, 30 * DAY_MS],
  [365 * DAY_MS, 90 * DAY_MS],
  [7 * 365 * DAY_MS, 365 * DAY_MS],
  [10 * MINUTE_MS, MINUTE_MS],
  [1_000, 1_000],
])('history of %i ms is divided into periods of %i ms', (retentionMs, expected) => {
  expect(periodOf(retentionMs)).toBe(expected);
});

it.each<[string, (number | string)[], number]>([
  ['undivided tables, from the start of the service', [], 7],
  ['nothing due', [-10, 1, FAR], 0],
  ['an oldest period that is still there', [-10, -5, 1, FAR], 2],
  ['a last period that never ends', [-3, FAR], 3],
])('retention_overdue_seconds counts from the time that something was due: %s', (_case, bounds, days) => {
  const nowMs = Date.now();
  const ids = bounds.map((day) => (typeof day === 'string' ? day : boundAt(nowMs + day * DAY_MS)));
  const periods = ids.slice(1).map((to, n) => ({ from: ids[n] as string, to }));
  const overdueMs = overdueOf(periods, { nowMs, retentionMs: 3 * DAY_MS, sinceMs: nowMs - 7 * DAY_MS });
  expect(overdueMs).toBe(days * DAY_MS);
});

it('bounds are ids in the order of time', async () => {
  const { pool, drop } = await freshPool('order_template', 1);
  onTestFinished(drop);
  const now = Date.now();
  const [bound, next] = [boundAt(now), boundAt(now + 1)];
  const { rows } = await pool.query('SELECT uuid_at($1) AS bound, uuid_at($2) AS next', [
    new Date(now),
    new Date(now + 1),
  ]);
  expect(rows).toEqual([{ bound, next }]);
  expect(bound < next).toBe(true);
  expect(timeOf(bound)).toBe(now);
  expect(timeOf(boundAfter(now, MINUTE_MS)) % MINUTE_MS).toBe(0);
});
