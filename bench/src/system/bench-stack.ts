import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { integrity } from '@valerix/contracts';
import { type Stack, type StackOptions, startStack } from '@valerix/local-stack';
import { SERVICE_NAMES } from '@valerix/system';
import pg from 'pg';
import { type DatabaseStats, openDatabaseStats } from '../measure/database-stats.ts';
import type { Watched } from '../measure/process-stats.ts';

export interface BenchStack {
  stack: Stack;
  orderUrl: string;
  inventoryUrl: string;
  orders: pg.Pool;
  inventory: pg.Pool;
  database: DatabaseStats;
  /** The processes whose CPU and memory are counted. The process that started the services writes their logs. */
  processes: readonly Watched[];
  /** Runs VACUUM and a checkpoint, which PostgreSQL would otherwise run during a later measurement. */
  tidy(): Promise<void>;
  /** Restocks every item, so no order is refused. */
  restock(): Promise<void>;
  /** Waits until the auditor has checked everything. @throws Error when an invariant is broken, or it takes minutes */
  audited(): Promise<void>;
  operator(method: string, path: string, body?: unknown): Promise<Response>;
  stop(): Promise<void>;
}

/** The system as `make up` starts it, without the dashboard, on a new database. */
export async function startBenchStack(options: StackOptions = {}): Promise<BenchStack> {
  const stack = await startStack({ restart: true, ...options });
  const orders = poolOf(stack.services.order.databaseUrl);
  const inventory = poolOf(stack.services.inventory.databaseUrl);
  const database = await openDatabaseStats(stack.services.order.databaseUrl);
  const inventoryUrl = stack.services.inventory.urls[0] as string;

  async function operator(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${inventoryUrl}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${stack.operatorToken}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }

  return {
    stack,
    orderUrl: stack.services.order.urls[0] as string,
    inventoryUrl,
    orders,
    inventory,
    database,
    processes: [
      ...SERVICE_NAMES.map((name) => ({ name, pid: () => stack.process(name).pid })),
      { name: 'postgres', pid: () => stack.postgres.pid, withChildren: true },
      { name: 'redis', pid: () => stack.process('redis').pid },
      { name: 'log writer', pid: () => process.pid },
    ],
    operator,
    async tidy() {
      await Promise.all([orders, inventory].map((pool) => pool.query('VACUUM ANALYZE')));
      await orders.query('CHECKPOINT');
    },
    audited: () => untilAudited(stack.services.order.urls[0] as string),
    async restock() {
      const { rows } = await inventory.query<{ item_id: string }>('SELECT item_id FROM inventory');
      for (const { item_id } of rows) {
        const booking = { restock_id: randomUUID(), quantity: 1_000_000 };
        await operator('POST', `/api/inventory/${item_id}/restock`, booking);
      }
    },
    async stop() {
      await Promise.allSettled([orders.end(), inventory.end(), database.close()]);
      await stack.stop();
    },
  };
}

const AUDIT_TIMEOUT_MS = 300_000;

async function untilAudited(orderUrl: string): Promise<void> {
  const start = Date.now();
  for (;;) {
    // Ignore the result of a round that began earlier.
    await sleep(2_000);
    const response = await fetch(`${orderUrl}/api/integrity`);
    if (!response.ok) throw new Error(`GET /api/integrity answered ${response.status}: ${await response.text()}`);
    const audit = integrity.parse(await response.json());
    if (audit.verdict === 'violated') throw new Error(`broken invariants: ${JSON.stringify(audit.violations)}`);
    if (audit.verdict === 'ok' && (audit.lag_seconds ?? Infinity) < 1) return;
    if (Date.now() - start > AUDIT_TIMEOUT_MS) throw new Error(`the audit does not catch up: ${audit.detail}`);
  }
}

function poolOf(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => {});
  return pool;
}

export const ITEMS = [
  'ps5',
  'xbox',
  'switch',
  'laptop',
  'monitor',
  'headset',
  'keyboard',
  'mouse',
  'chair',
  'webcam',
  'microphone',
  'controller',
];
