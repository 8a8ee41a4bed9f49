import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { answered, apiClient } from '@valerix/api-client';
import { type StackOptions, startStack } from '@valerix/local-stack';
import { SERVICE_KEYS, SERVICE_NAMES, SERVICES } from '@valerix/system';
import pg from 'pg';
import { openDatabaseStats } from '../measure/database-stats.ts';
import type { Watched } from '../measure/process-stats.ts';

export type BenchStack = Awaited<ReturnType<typeof startBenchStack>>;

/** The system as `make up` starts it, without the dashboard, on a new database. */
export async function startBenchStack(options: StackOptions = {}) {
  const stack = await startStack({ restart: true, ...options });
  const orders = poolOf(stack.services.order.databaseUrl);
  const inventory = poolOf(stack.services.inventory.databaseUrl);
  const database = await openDatabaseStats(stack.services.order.databaseUrl);
  const url = stack.services.order.urls[0] as string;
  /** The processes whose CPU and memory are counted. The process that starts the services writes their logs. */
  const processes: Watched[] = [
    ...SERVICE_NAMES.map((name) => ({ name, pid: () => stack.process(name).pid })),
    { name: 'postgres', pid: () => stack.postgres.pid, withChildren: true },
    { name: 'redis', pid: () => stack.process('redis').pid },
    { name: 'log writer', pid: () => process.pid },
  ];
  const databases = SERVICE_KEYS.map((key): Watched => {
    const { database: name } = SERVICES[key];
    return { name, pid: () => stack.postgres.pid, childrenWith: ` ${name} ` };
  });

  /** Sends a request to the inventory service. @throws Error unless the answer is a 2xx */
  async function operator(method: string, path: string, body?: unknown): Promise<void> {
    const response = await fetch(`${stack.services.inventory.urls[0]}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${stack.operatorToken}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  }

  return {
    stack,
    /** The address of the order service. */
    url,
    orders,
    inventory,
    database,
    processes,
    databases,
    operator,
    /** Runs VACUUM and a checkpoint, which PostgreSQL would otherwise run during a later measurement. */
    async tidy(): Promise<void> {
      await Promise.all([orders, inventory].map((pool) => pool.query('VACUUM ANALYZE')));
      await orders.query('CHECKPOINT');
    },
    /** Signs new customers up and in. @returns their access tokens, which are valid for 15 minutes */
    async customers(count: number): Promise<string[]> {
      const tokens: string[] = [];
      // One after another: few passwords may wait to be hashed.
      while (tokens.length < count) tokens.push(await newCustomer(stack.services.identity.urls[0] as string));
      return tokens;
    },
    /** Waits until the auditor has checked everything. @throws Error if an invariant is broken, or after five minutes */
    audited: () => untilAudited(url, stack.operatorToken),
    /** Restocks every item, so that no order is refused. */
    async restock(): Promise<void> {
      const { rows } = await inventory.query<{ item_id: string }>('SELECT item_id FROM inventory');
      for (const { item_id } of rows) {
        const booking = { restock_id: randomUUID(), quantity: 1_000_000 };
        await operator('POST', `/api/inventory/${item_id}/restock`, booking);
      }
    },
    async stop(): Promise<void> {
      await Promise.allSettled([orders.end(), inventory.end(), database.close()]);
      await stack.stop();
    },
  };
}

async function newCustomer(identityUrl: string): Promise<string> {
  const identity = apiClient('identity', identityUrl);
  const body = { email: `${randomUUID()}@example.org`, password: randomUUID() };
  await answered(identity.POST('/api/identity/sign-up', { body }));
  return (await answered(identity.POST('/api/identity/sign-in', { body }))).access_token;
}

const AUDIT_TIMEOUT_MS = 300_000;

async function untilAudited(orderUrl: string, token: string): Promise<void> {
  const orders = apiClient('order', orderUrl, { token });
  const start = Date.now();
  for (;;) {
    // The result of a round that began earlier does not count.
    await sleep(2_000);
    const audit = await answered(orders.GET('/api/integrity'));
    if (audit.verdict === 'violated') throw new Error(`Broken invariants: ${JSON.stringify(audit.violations)}`);
    if (audit.verdict === 'ok' && (audit.lag_seconds ?? Infinity) < 1) return;
    if (Date.now() - start > AUDIT_TIMEOUT_MS) throw new Error(`The audit does not catch up: ${audit.detail}`);
  }
}

function poolOf(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  // The server may stop while a connection is idle.
  pool.on('error', () => {});
  return pool;
}

/** The items of the catalogue. */
export const ITEMS = 'ps5 xbox switch laptop monitor headset keyboard mouse chair webcam microphone controller'.split(
  ' ',
);
