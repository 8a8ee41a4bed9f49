import { freshDatabase, freshRedis } from '@valerix/local-stack/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { inject } from 'vitest';
import { ask } from '../../test/support/http.ts';
import { type ServiceProcess, startService } from '../../test/support/service-process.ts';
import { startFakeInventory, startFakePayment } from './fake-participants.ts';

/** The addresses of the servers that all component tests share. */
const sharedServers = () => ({ postgresUrl: inject('postgresUrl'), redisUrl: inject('redisUrl') });

/** The same, with a payment service. */
export async function startPaidOrders(env: Record<string, string> = {}) {
  const payment = await startFakePayment();
  const lab = await startOrderService({ PAYMENT_URL: payment.url, ...env });
  const stop = async () => {
    await lab.stop();
    await payment.stop();
  };
  return { ...lab, payment, stop };
}

/** The real order-service over a database, a Redis and an inventory service of the test's own. */
export async function startOrderService(env: Record<string, string> = {}, servers = sharedServers()) {
  const inventory = await startFakeInventory();
  const database = await freshDatabase(servers.postgresUrl, 'order_template');
  const redisUrl = await freshRedis(servers.redisUrl);
  const settings = {
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    INVENTORY_URL: inventory.url,
    SWEEP_INTERVAL_MS: '200',
    // A test that sends a thousand orders at once on a busy machine wants them all answered.
    ORDER_DELAY_TARGET_MS: '60000',
    ...env,
  };
  const service = await startService('order-service', settings);
  const replicas: ServiceProcess[] = [];
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  // A connection the server ends while the test clears up is no failure of the test.
  pool.on('error', () => {});
  const redis = new Redis(redisUrl);

  return {
    url: service.url,
    service,
    inventory,
    redis,
    redisUrl,
    /** Another replica over the same database, Redis and inventory service. */
    async startReplica(more: Record<string, string> = {}) {
      const replica = await startService('order-service', { ...settings, ...more });
      replicas.push(replica);
      return replica;
    },
    async rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
      return (await pool.query<T>(sql, values)).rows;
    },
    /** The order as the API shows it. */
    async order(id: string) {
      return (await ask(`${service.url}/api/orders/${id}`)).body.order;
    },
    async eventTypes(id: string): Promise<string[]> {
      const { body } = await ask(`${service.url}/api/orders/${id}/events`);
      return body.items.map((event: { type: string }) => event.type);
    },
    async stop() {
      await Promise.all([service, ...replicas].map((process) => process.stop()));
      redis.disconnect();
      await pool.end();
      await inventory.stop();
      await database.drop();
    },
  };
}

export type OrderHarness = Awaited<ReturnType<typeof startOrderService>>;
