import { createLogger } from '@valerix/service-kit/logger';
import { createRegistry } from '@valerix/service-kit/metrics';
import type { Pool } from '@valerix/service-kit/postgres';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { freshPool } from '../../test/support/fresh-pool.ts';
import { createBackupStore } from '../src/backup-store.ts';
import { createMetrics } from '../src/metrics.ts';
import { watchBackups } from '../src/watch-backups.ts';

let pool: Pool;
let drop: () => Promise<void>;
const registry = createRegistry();
const metrics = createMetrics(registry);

beforeEach(async () => {
  ({ pool, drop } = await freshPool('order_template', 2));
});
afterEach(() => drop());

/** What `backup.sh` records; times in hours from now. */
const record = (name: string, finished: number | null, due: number | null) =>
  pool.query(
    `INSERT INTO backups (name, finished_at, next_due_at)
     VALUES ($1, now() + $2 * interval '1 hour', now() + $3 * interval '1 hour')`,
    [name, finished, due],
  );

it('the next backup is due when the last finished one said; failed ones postpone nothing', async () => {
  const store = createBackupStore(pool);
  const dueInHours = async (): Promise<number | undefined> => {
    const due = await store.nextDue();
    return due && Math.round((due.getTime() - Date.now()) / 3_600_000);
  };
  expect(await dueInHours()).toBeUndefined();
  await record('by hand', -60, null);
  expect(await dueInHours()).toBeUndefined();
  await record('the first one fails', null, -24);
  await record('the second one too', null, 2);
  expect(await dueInHours()).toBe(-24);
  await record('finished', -1, 25);
  await record('fails again', null, 49);
  expect(await dueInHours()).toBe(25);
});

it('the gauge says when it is due, and goes on saying so while the database is away', async () => {
  const logger = createLogger({ service: 'order-service', replica: 'test', level: 'silent' });
  let away = false;
  const store = createBackupStore(pool);
  const nextDue = () => (away ? Promise.reject(new Error('connect ECONNREFUSED')) : store.nextDue());
  const watch = watchBackups({ store: { nextDue }, metrics, logger, intervalMs: 5 });
  const shown = async () => (await registry.metrics()).match(/^valerix_backup_due_timestamp_seconds (.*)$/m)?.[1];
  try {
    expect(await shown()).toBe('0');
    await record('finished', 0, 26);
    await eventually(async () => expect(Number(await shown())).toBeGreaterThan(Date.now() / 1000));
    const due = await shown();
    away = true;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await shown()).toBe(due);
  } finally {
    await watch.stop();
  }
});
