import { freshDatabase, freshRedis } from '@valerix/local-stack/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { inject } from 'vitest';
import { ask, post } from '../../test/support/http.ts';
import { asCaller, startService, TOKEN } from '../../test/support/service-process.ts';

const asOrderService = asCaller('ORDER_TO_INVENTORY_CREDENTIAL');

/** What every command carries beside its order. */
export const travelling = { attempt: 1, request_id: 'r', deadline_ms: 5_000 };

/** The real inventory-service over a database of the test's own. */
export async function startInventoryService(env: Record<string, string> = {}) {
  const database = await freshDatabase(inject('postgresUrl'), 'inventory_template');
  const redisUrl = await freshRedis(inject('redisUrl'));
  const settings = { DATABASE_URL: database.url, REDIS_URL: redisUrl, ...env };
  const service = await startService('inventory-service', settings);
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  const redis = new Redis(redisUrl);

  // A connection the server ends while the test clears up is no failure of the test.
  pool.on('error', () => {});

  return {
    url: service.url,
    /** The log so far. */
    lines: () => service.lines,
    startReplica: () => startService('inventory-service', settings),
    async rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
      return (await pool.query<T>(sql, values)).rows;
    },
    pool,
    redis,
    deduct: (order_id: string, items: unknown, headers: Record<string, string> = {}, url = service.url) =>
      post(`${url}/api/inventory/deduct`, { order_id, items }, { ...asOrderService, ...headers }),
    release: (order_id: string) => post(`${service.url}/api/inventory/release`, { order_id }, asOrderService),
    /** Sends commands in one request. @returns the replies by the number of the line they answer */
    commands(list: object[]) {
      return this.sendLines(list.map((line) => JSON.stringify({ ...travelling, ...line })));
    },
    async sendLines(lines: string[]) {
      const answer = await ask(`${service.url}/api/inventory/commands`, {
        method: 'POST',
        headers: { ...asOrderService, 'Content-Type': 'application/x-ndjson' },
        body: lines.join('\n'),
      });
      const replies = answer.text.split('\n').filter((line) => line !== '');
      return new Map(replies.map((line) => JSON.parse(line)).map((reply) => [reply.index as number, reply]));
    },
    restock: (item: string, body: unknown) =>
      post(`${service.url}/api/inventory/${item}/restock`, body, { Authorization: `Bearer ${TOKEN}` }),
    async quantity(item: string): Promise<number> {
      return (await ask(`${service.url}/api/inventory/${item}`)).body.item.quantity;
    },
    /** I1, from the ledger alone. */
    async ledgerSum(item: string): Promise<number> {
      const { rows } = await pool.query<{ sum: number }>(
        `SELECT sum(quantity_change) AS sum FROM inventory_transactions WHERE item_id = $1`,
        [item],
      );
      return Number(rows[0]?.sum);
    },
    async stop() {
      await service.stop();
      redis.disconnect();
      await pool.end();
      await database.drop();
    },
  };
}

export type InventoryHarness = Awaited<ReturnType<typeof startInventoryService>>;
