import { randomUUID } from 'node:crypto';
import { type Stack, type StackOptions, startStack } from '@valerix/local-stack';
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
  /** What CPU and memory are counted of. The log of both services is written by the process that started them. */
  processes: readonly Watched[];
  /** So much of every item that no order is refused. */
  restock(): Promise<void>;
  operator(method: string, path: string, body?: unknown): Promise<Response>;
  stop(): Promise<void>;
}

/** The system as `make up` starts it, without the dashboard, on a database of its own. */
export async function startBenchStack(options: StackOptions = {}): Promise<BenchStack> {
  const stack = await startStack({ restart: true, ...options });
  const orders = poolOf(stack.orderDatabaseUrl);
  const inventory = poolOf(stack.inventoryDatabaseUrl);
  const database = await openDatabaseStats(stack.orderDatabaseUrl);
  const inventoryUrl = stack.urls.inventory[0] as string;

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
    orderUrl: stack.urls.order[0] as string,
    inventoryUrl,
    orders,
    inventory,
    database,
    processes: [
      { name: 'order-service', pid: () => stack.process('order-service').pid },
      { name: 'inventory-service', pid: () => stack.process('inventory-service').pid },
      { name: 'postgres', pid: () => stack.postgres.pid, withChildren: true },
      { name: 'redis', pid: () => stack.process('redis').pid },
      { name: 'log writer', pid: () => process.pid },
    ],
    operator,
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
