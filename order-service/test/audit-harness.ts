import { randomUUID } from 'node:crypto';
import type { Integrity } from '@valerix/contracts';
import { freshDatabase, freshRedis } from '@valerix/local-stack/testing';
import pg from 'pg';
import { expect, inject } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type ServiceProcess, startService } from '../../test/support/service-process.ts';

export type AuditedSystem = Awaited<ReturnType<typeof startAudited>>;

export const integrityOf = async (url: string) => (await (await fetch(`${url}/api/integrity`)).json()) as Integrity;

/** A gauge or counter of a replica; NaN if it has none of that name. */
export async function metricOf(url: string, name: string): Promise<number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
  return Number(
    lines
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')
      .at(-1),
  );
}

/**
 * Both real services, each over a database of the test's own.
 * @param prepare fills both databases before the order service starts
 * @param env of the order service
 * @param inventoryEnv of the inventory service
 */
export async function startAudited(
  prepare?: (orderDb: pg.Pool, stockDb: pg.Pool) => Promise<void>,
  env: Record<string, string> = {},
  inventoryEnv: Record<string, string> = {},
) {
  const orders = await freshDatabase(inject('postgresUrl'), 'order_template');
  const stock = await freshDatabase(inject('postgresUrl'), 'inventory_template');
  const [orderDb, stockDb] = [orders, stock].map(({ url }) => new pg.Pool({ connectionString: url, max: 1 })) as [
    pg.Pool,
    pg.Pool,
  ];
  // A connection that the server ends while the test clears up is no failure of the test.
  for (const pool of [orderDb, stockDb]) pool.on('error', () => {});
  await prepare?.(orderDb, stockDb);
  const REDIS_URL = await freshRedis(inject('redisUrl'));
  const inventory = await startService('inventory-service', { DATABASE_URL: stock.url, REDIS_URL, ...inventoryEnv });
  const settings = {
    DATABASE_URL: orders.url,
    REDIS_URL,
    INVENTORY_URL: inventory.url,
    AUDIT_INTERVAL_MS: '100',
    AUDIT_PATIENCE_MS: '2000',
    // A busy machine must not turn a 201 into a 202 here.
    INVENTORY_ATTEMPT_TIMEOUT_MS: '5000',
    INVENTORY_DEADLINE_MS: '6000',
    LEASE_MS: '10000',
    ...env,
  };
  const replicas: ServiceProcess[] = [];
  async function startReplica(name = 'another'): Promise<ServiceProcess> {
    const replica = await startService('order-service', { ...settings, REPLICA: name });
    replicas.push(replica);
    return replica;
  }
  const first = await startReplica('first');
  return {
    url: first.url,
    services: { order: { databaseUrl: orders.url }, inventory: { databaseUrl: stock.url } },
    first,
    inventory,
    orderDb,
    stockDb,
    startReplica,
    integrity: () => integrityOf(first.url),
    metrics: async () => (await fetch(`${first.url}/metrics`)).text(),
    async order(items: { item_id: string; quantity: number }[] = [{ item_id: 'ps5', quantity: 1 }], url = first.url) {
      const response = await fetch(`${url}/api/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: JSON.stringify({ items }),
      });
      expect(response.status).toBe(201);
      return ((await response.json()) as { order: { order_id: string } }).order.order_id;
    },
    cancel: async (id: string) => (await fetch(`${first.url}/api/orders/${id}/cancel`, { method: 'POST' })).status,
    /** Waits until at least so many orders were checked, and nothing is wrong. */
    checked: (count: number, url = first.url) =>
      eventually(async () => {
        const state = await integrityOf(url);
        expect(state).toMatchObject({ verdict: 'ok', violations: [], detail: null });
        expect(state.orders_checked).toBeGreaterThanOrEqual(count);
      }, 30_000),
    violated: (what: string, url = first.url) =>
      eventually(async () => {
        const { violations } = await integrityOf(url);
        expect(violations.map(({ invariant, subject }) => `${invariant} ${subject}`)).toContain(what);
      }),
    /** The replica that audits. */
    async auditor(): Promise<string | undefined> {
      return (await orderDb.query<{ replica: string }>('SELECT replica FROM integrity_audit')).rows[0]?.replica;
    },
    async stop() {
      for (const replica of replicas) await replica.stop();
      await inventory.stop();
      for (const pool of [orderDb, stockDb]) await pool.end();
      for (const database of [orders, stock]) await database.drop();
    },
  };
}
