import type { RedriveBody } from '@valerix/contracts';
import type { Actor } from '@valerix/service-kit/identity/principal';
import { insertAudit } from '@valerix/service-kit/operator-audit-store';
import { type Client, type Pool, transaction } from '@valerix/service-kit/postgres';
import type { StoredOrder } from './answers.ts';
import type { OrderStatus } from './order.ts';
import { ORDER_COLUMNS, type OrderRow, toOrder } from './order-rows.ts';
import { LIVING_OWNERS } from './owner-store.ts';

/** An attempt that settled nothing. */
export interface Postponement {
  orderId: string;
  /** The status and the attempts at the claim: if they have changed, another process owns the order now. */
  from: OrderStatus;
  attempts: number;
  delayMs: number;
  /** False if the attempt says nothing about this order: the inventory service was not asked, or answered no order at all. */
  countsAsAttempt: boolean;
  deadLetter: boolean;
  causationId: string;
  cause: string;
}

/** An order that a worker has claimed. */
export interface ClaimedOrder extends StoredOrder {
  /** Time since its last change or attempt, milliseconds by the database's clock. */
  idleMs: number;
}

/**
 * Sorts by order id. PostgreSQL locks rows in the order of the arrays. Two replicas may move the same orders, after leases expired
 * under both; they deadlock unless both lock in the same order.
 */
export const inLockOrder = <T>(batch: T[], idOf: (item: T) => string): T[] =>
  batch.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));

/** Claims orders that are due and meet `which`, for the length of a lease. Safe beside any number of other workers. */
export async function claimOrders(
  pool: Pool,
  leaseMs: number,
  owner: number | null,
  which: string,
  limit: number,
  ...more: unknown[]
): Promise<ClaimedOrder[]> {
  const { rows } = await pool.query<OrderRow & { idle_ms: number }>(
    `WITH due AS (
       SELECT order_id FROM orders WHERE next_attempt_at <= now() ${which} LIMIT $1 FOR UPDATE SKIP LOCKED
     )
     UPDATE orders SET next_attempt_at = now() + $2 * interval '1 ms', attempts = attempts + 1, owner = $3
     FROM due WHERE orders.order_id = due.order_id
     RETURNING ${ORDER_COLUMNS}, (extract(epoch FROM now() - orders.updated_at) * 1000)::float8 AS idle_ms`,
    [limit, leaseMs, owner, ...more],
  );
  return rows.map(({ idle_ms: idleMs, ...row }) => ({ ...toOrder(row), idleMs }));
}

/** Makes the orders due that dead processes hold under a lease. It skips locked orders: another process is at work on them. */
export async function releaseDead(pool: Pool, leaseMs: number): Promise<void> {
  await pool.query(
    `WITH held AS (
       SELECT order_id FROM orders
       WHERE next_attempt_at > now() AND next_attempt_at <= now() + $1 * interval '1 ms'
         AND owner IS NOT NULL AND owner NOT IN ${LIVING_OWNERS}
       ORDER BY order_id FOR UPDATE SKIP LOCKED
     )
     UPDATE orders SET next_attempt_at = now(), owner = NULL FROM held WHERE orders.order_id = held.order_id`,
    [leaseMs],
  );
}

/** Puts claimed orders back, or makes them dead letters. */
export async function postponeOrders(pool: Pool, unsorted: Postponement[]): Promise<void> {
  const list = inLockOrder(unsorted, ({ orderId }) => orderId);
  await pool.query(
    `WITH put_back AS (
       UPDATE orders SET
         next_attempt_at = CASE WHEN NOT late.dead_letter THEN now() + late.delay_ms * interval '1 ms' END,
         dead_lettered_at = CASE WHEN late.dead_letter THEN now() END,
         attempts = CASE WHEN late.counts THEN attempts ELSE greatest(attempts - 1, 0) END,
         owner = NULL,
         updated_at = now()
       FROM unnest($1::uuid[], $2::integer[], $3::boolean[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::integer[])
         AS late (order_id, delay_ms, counts, dead_letter, causation_id, cause, from_status, tried)
       WHERE orders.order_id = late.order_id AND orders.status = late.from_status AND orders.attempts = late.tried
         AND orders.dead_lettered_at IS NULL
       RETURNING orders.order_id, orders.attempts, orders.correlation_id,
         late.causation_id, late.cause, late.delay_ms, late.counts, late.dead_letter
     )
     INSERT INTO order_events (type, order_id, correlation_id, causation_id, data)
     SELECT CASE WHEN dead_letter THEN 'order.dead_lettered' ELSE 'order.retry_scheduled' END, put_back.order_id, correlation_id,
       causation_id, jsonb_build_object('attempt', attempts, 'cause', cause, 'delay_ms', delay_ms)
     FROM put_back WHERE counts OR dead_letter`,
    [
      list.map((late) => late.orderId),
      list.map((late) => late.delayMs),
      list.map((late) => late.countsAsAttempt),
      list.map((late) => late.deadLetter),
      list.map((late) => late.causationId),
      list.map((late) => late.cause),
      list.map((late) => late.from),
      list.map((late) => late.attempts),
    ],
  );
}

/** Requeues the dead letters that meet every condition, and audits who did so. @returns how many */
export function redriveOrders(pool: Pool, which: RedriveBody, actor: Actor, causationId: string): Promise<number> {
  const { limit, by: _typed, reason = 'not given', ...conditions } = which;
  return transaction(pool, async (client) => {
    const redriven = await reviveOrders(client, which, conditions, causationId);
    if (redriven === 0) return 0;
    await insertAudit(client, { ...actor, action: 'redrive', what: { ...conditions, limit, redriven }, why: reason });
    return redriven;
  });
}

async function reviveOrders(
  client: Client,
  which: RedriveBody,
  conditions: object,
  causationId: string,
): Promise<number> {
  const { rowCount } = await client.query(
    // Uses the index of dead letters. It skips locked orders: another process is redriving or cancelling them.
    `WITH found AS (
       SELECT order_id FROM orders
       WHERE dead_lettered_at IS NOT NULL
         AND ($2::uuid[] IS NULL OR order_id = ANY($2))
         AND ($3::float8 IS NULL OR dead_lettered_at <= now() - $3 * interval '1 s')
         AND ($4::text IS NULL OR items @> jsonb_build_array(jsonb_build_object('item_id', $4)))
         AND ($5::text IS NULL OR $5 = (
           SELECT data ->> 'cause' FROM order_events AS told
           WHERE told.order_id = orders.order_id AND type = 'order.dead_lettered' ORDER BY seq DESC LIMIT 1))
       ORDER BY dead_lettered_at LIMIT $1 FOR UPDATE SKIP LOCKED
     ), revived AS (
       UPDATE orders SET dead_lettered_at = NULL, attempts = 0, next_attempt_at = now(), waiting_since = now(), updated_at = now()
       FROM found WHERE orders.order_id = found.order_id
       RETURNING orders.order_id, correlation_id
     )
     INSERT INTO order_events (type, order_id, correlation_id, causation_id, data)
     SELECT 'order.redriven', order_id, correlation_id, $6, $7::jsonb FROM revived`,
    [
      which.limit,
      which.order_ids ?? null,
      which.older_than_seconds ?? null,
      which.item_id ?? null,
      which.cause ?? null,
      causationId,
      JSON.stringify(which.order_ids ? {} : { conditions }),
    ],
  );
  return rowCount ?? 0;
}
