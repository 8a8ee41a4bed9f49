import { setTimeout as sleep } from 'node:timers/promises';
import { divide } from '@valerix/service-kit/retention/period-store';
import { boundAt } from '@valerix/service-kit/retention/periods';
import { AUDIT } from '@valerix/service-kit/retention/retain';
import type pg from 'pg';
import { dropHistory } from '../../../inventory-service/src/drop-history-store.ts';
import { ORDER_TABLES } from '../../../order-service/src/drop-history.ts';
import { keepKeys } from '../../../order-service/src/order-keys-store.ts';
import type { BenchStack } from '../system/bench-stack.ts';

const DAY_MS = 86_400_000;
/** The first period ended this long ago. */
const FIRST_ENDED_MS = 30 * DAY_MS;
/** With this retention, the first period is old enough to be dropped, and nothing else is. */
export const RETENTION = '29d';
/** How long a drop is waited for. A service looks for old periods once a minute; the inventory service drops after the order service. */
export const LIMIT_MS = 300_000;

type Databases = Record<'orders' | 'inventory', pg.Pool>;

/** Divides both databases at the bound, 30 days ago: they must hold no row after it. No service may run. */
export async function divideIntoPeriods({ orders, inventory }: Databases): Promise<void> {
  const at = boundAt(Date.now() - FIRST_ENDED_MS);
  await withConnection(orders, async (client) => {
    await keepKeys(client, new AbortController().signal);
    await divide(client, [...ORDER_TABLES, AUDIT], undefined, at);
  });
  await withConnection(inventory, (client) => divide(client, [...dropHistory.tables, AUDIT], undefined, at));
}

async function withConnection(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await work(client);
  } finally {
    client.release();
  }
}

/**
 * Waits until the services have dropped the first period from both databases.
 * @returns for how long each held its tables locked, in milliseconds
 * @throws Error after five minutes
 */
export async function untilPeriodDropped({ stack, orders, inventory }: BenchStack) {
  const until = Date.now() + LIMIT_MS;
  for (const pool of [orders, inventory]) {
    while (!(await hasDropped(pool))) {
      if (Date.now() > until) throw new Error(`The period was not dropped within ${LIMIT_MS / 1_000} s.`);
      await sleep(200);
    }
  }
  // The log line follows the commit.
  await sleep(1_000);
  return {
    orders: lockedMs(['order-service', 'order-service-2'].map((name) => stack.logs(name))),
    inventory: lockedMs([stack.logs('inventory-service')]),
  };
}

async function hasDropped(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ dropped: boolean }>('SELECT gone_at IS NOT NULL AS dropped FROM retention');
  return rows[0]?.dropped ?? false;
}

const lockedMs = (logs: string[]): number => Number(/"locked_ms":(\d+)/.exec(logs.join('\n'))?.[1]);
