import { type RedriveBody, totalOf } from '@valerix/contracts';
import { retrying } from '@valerix/service-kit/backoff';
import { createBatcher } from '@valerix/service-kit/batcher';
import type { Actor } from '@valerix/service-kit/identity/principal';
import { isRetryable, isRowError, type Pool } from '@valerix/service-kit/postgres';
import type { StoredAnswer, StoredOrder } from './answers.ts';
import type { Metrics } from './metrics.ts';
import { mayMove, type Order, type OrderStatus, type Outcome, sourcesOf } from './order.ts';
import {
  type ClaimedOrder,
  claimOrders,
  inLockOrder,
  type Postponement,
  postponeOrders,
  redriveOrders,
  releaseDead,
} from './order-queue-store.ts';
import { ORDER_COLUMNS, type OrderRow, toOrder, WAITING_LIST } from './order-rows.ts';
import { OutcomeUnknown, writing } from './outcome-unknown.ts';
import type { Orders } from './ownership.ts';

export interface OrderStoreOptions {
  pool: Pool;
  metrics: Metrics;
  /** How long a request or the worker owns an order before the sweep may take it over, milliseconds. */
  leaseMs: number;
  /** This process as the holder of its leases; null if it has no number. */
  owner?: () => number | null;
  /** The most orders in one transaction, and the most that may wait for one (I13). */
  maxBatch: number;
  maxWaiting: number;
}

/** One compare-and-set: writes `order` if its stored status is still `from`. */
export interface Move {
  order: Order;
  from: OrderStatus;
  /** Stored when the order has no answer yet. */
  answer: StoredAnswer | null;
  /** The request, or the worker's attempt, that made the move. */
  causationId: string;
  outcome?: Outcome;
}

export type OrderStore = ReturnType<typeof createOrderStore>;

/**
 * The SQL that changes orders; the worker's part of it is in `order-queue-store.ts`. Every change writes its event in the same
 * statement.
 */
export function createOrderStore(options: OrderStoreOptions) {
  const { pool, metrics, leaseMs, maxBatch, maxWaiting, owner = () => null } = options;
  const shared = { maxBatch, maxWaiting, isItemError: isRowError };
  const creations = createBatcher<Order, boolean>({
    ...shared,
    run: (orders) => writing(false, () => retrying(3, isRetryable, () => insertOrders(pool, orders, leaseMs, owner()))),
    onBatch: (size) => metrics.batchSize.observe({ step: 'create' }, size),
  });
  const moves = createBatcher<Move, boolean>({
    ...shared,
    notRun: (cause) => new OutcomeUnknown('the database did not confirm the writes before this one', { cause }),
    run: (batch) => writing(true, () => retrying(3, isRetryable, () => moveOrders(pool, batch))),
    onBatch: (size) => metrics.batchSize.observe({ step: 'move' }, size),
  });

  /** The compare-and-set; false when the order is no longer where `from` says. */
  function move(change: Move): Promise<boolean> {
    if (!mayMove(change.from, change.order.status)) {
      throw new Error(`I9: an order cannot move from ${change.from} to ${change.order.status}`);
    }
    return moves.submit(change);
  }

  return {
    /** T0. False when the key is taken (I3); nothing is written then. */
    create: (order: Order): Promise<boolean> => creations.submit(order),

    move,

    /** T1. Moves the order and stores its answer. @returns the answer that stands: this one, or an earlier one */
    async answer(change: Move & { answer: StoredAnswer }): Promise<StoredAnswer> {
      if (await move(change)) return change.answer;
      const { rows } = await pool.query<OrderRow>(`SELECT ${ORDER_COLUMNS} FROM orders WHERE order_id = $1`, [
        change.order.order_id,
      ]);
      const stored = rows[0] && toOrder(rows[0]).answer;
      if (!stored) throw new Error(`I7: order ${change.order.order_id} was moved by another process but has no answer`);
      return stored;
    },

    // A new statement: the INSERT that met the conflict cannot see the row that caused it.
    async findByKey(key: string): Promise<StoredOrder | undefined> {
      const { rows } = await pool.query<OrderRow>({
        name: 'find-order-by-key',
        text: `SELECT ${ORDER_COLUMNS} FROM orders WHERE idempotency_key = $1`,
        values: [key],
      });
      return rows[0] && toOrder(rows[0]);
    },

    /**
     * Claims up to `limit` orders that are due, for the length of a lease. Safe beside any number of other workers.
     * @param ids only these orders, if given; ordered by id, so that PostgreSQL looks them up instead of scanning all due orders
     */
    claim(limit: number, ids?: string[]): Promise<ClaimedOrder[]> {
      return ids
        ? claimOrders(pool, leaseMs, owner(), 'AND order_id = ANY($4) ORDER BY order_id', limit, ids)
        : claimOrders(pool, leaseMs, owner(), 'ORDER BY next_attempt_at', limit);
    },

    /** Claims orders whose request died before it had an answer. */
    claimAbandoned: (limit: number): Promise<ClaimedOrder[]> =>
      claimOrders(pool, leaseMs, owner(), "AND status = 'pending' ORDER BY order_id", limit),

    /** Makes the orders due that dead processes hold under a lease. */
    releaseDead: (): Promise<void> => releaseDead(pool, leaseMs),

    /** Puts claimed orders back, or makes them dead letters. It skips orders that were settled, cancelled or claimed meanwhile. */
    async postpone(list: Postponement[]): Promise<void> {
      if (list.length > 0) await retrying(3, isRetryable, () => postponeOrders(pool, list));
    },

    /** confirmed or queued → cancelling, under a lease; undefined when the order has another status, or is not among `reach`. */
    async startCancelling(id: string, causationId: string, reach: Orders): Promise<StoredOrder | undefined> {
      const { rows } = await pool.query<OrderRow>(
        `WITH moved AS (
           UPDATE orders SET status = 'cancelling', next_attempt_at = now() + $2 * interval '1 ms', attempts = 0, owner = $5,
             dead_lettered_at = NULL, waiting_since = now(), updated_at = now(), payment_token = NULL
           WHERE order_id = $1 AND status = ANY($3::text[]) AND ($6::text[] IS NULL OR placed_by = ANY($6))
           RETURNING *
         ), told AS (
           INSERT INTO order_events (type, order_id, correlation_id, causation_id, data)
           SELECT 'order.cancelling', order_id, correlation_id, $4, '{}' FROM moved
         )
         SELECT ${ORDER_COLUMNS} FROM moved AS orders`,
        [id, leaseMs, sourcesOf('cancelling'), causationId, owner(), reach === 'all' ? null : reach],
      );
      return rows[0] && toOrder(rows[0]);
    },

    /** Requeues the dead letters that meet every condition, with a new set of attempts. @returns how many */
    redrive: (which: RedriveBody, actor: Actor, causationId: string): Promise<number> =>
      redriveOrders(pool, which, actor, causationId),
  };
}

async function insertOrders(pool: Pool, orders: Order[], leaseMs: number, owner: number | null): Promise<boolean[]> {
  const { rows } = await pool.query<{ order_id: string }>({
    name: 'insert-orders',
    // Inserted in key order, so that two batches with common keys cannot deadlock. The conflict is with the unique key of `orders`,
    // or with `order_keys` once there is a retention (ADR 24).
    text: `
      WITH created AS (
        INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, next_attempt_at, correlation_id, created_at, updated_at, owner,
          placed_by, expected_total_cents, payment_token, payment_deadline)
        SELECT order_id, key, fingerprint, 'pending', items, now() + $7 * interval '1 ms', correlation_id, created_at, created_at, $8,
          placed_by, expected_total_cents, payment_token, payment_deadline
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::text[], $6::timestamptz[], $9::text[], $10::bigint[], $11::text[],
            $12::timestamptz[])
          AS new (order_id, key, fingerprint, items, correlation_id, created_at, placed_by, expected_total_cents, payment_token, payment_deadline)
        ORDER BY key
        ON CONFLICT DO NOTHING
        RETURNING order_id, items, correlation_id, created_at, payment_deadline
      ), told AS (
        INSERT INTO order_events (type, order_id, occurred_at, correlation_id, causation_id, data)
        SELECT 'order.created', order_id, created_at, correlation_id, correlation_id,
          CASE WHEN payment_deadline IS NULL THEN jsonb_build_object('items', items)
            ELSE jsonb_build_object('items', items, 'payment_deadline', payment_deadline) END
        FROM created
      )
      SELECT order_id FROM created`,
    values: [
      orders.map((order) => order.order_id),
      orders.map((order) => order.idempotency_key),
      orders.map((order) => order.fingerprint),
      orders.map((order) => JSON.stringify(order.items)),
      orders.map((order) => order.correlation_id),
      orders.map((order) => order.created_at),
      leaseMs,
      owner,
      orders.map((order) => order.placed_by),
      orders.map((order) => order.expected_total_cents),
      orders.map((order) => order.payment_token),
      orders.map((order) => order.payment_deadline),
    ],
  });
  const created = new Set(rows.map((row) => row.order_id));
  return orders.map((order) => created.has(order.order_id));
}

async function moveOrders(pool: Pool, batch: Move[]): Promise<boolean[]> {
  const moves = inLockOrder(batch, ({ order }) => order.order_id);
  const { rows } = await pool.query<{ n: number }>({
    name: 'move-orders',
    text: `
      WITH moved AS (
        UPDATE orders SET status = new.status, reason = new.reason, updated_at = new.updated_at,
          next_attempt_at = CASE WHEN new.status IN ${WAITING_LIST} THEN now() END,
          owner = NULL, dead_lettered_at = NULL,
          waiting_since = CASE WHEN new.status IN ${WAITING_LIST} THEN now() END,
          response_status = coalesce(orders.response_status, new.response_status),
          response_body = coalesce(orders.response_body, new.response_body),
          items = coalesce(new.items, orders.items), currency = coalesce(new.currency, orders.currency),
          payment_token = CASE WHEN new.status = 'queued' THEN orders.payment_token END
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::timestamptz[], $8::text[], $9::jsonb[],
            $10::jsonb[], $11::text[])
          WITH ORDINALITY
          AS new (order_id, from_status, status, reason, response_status, response_body, updated_at, causation_id, data, items, currency, n)
        WHERE orders.order_id = new.order_id AND orders.status = new.from_status
        RETURNING new.n, orders.order_id, orders.status, orders.correlation_id, new.causation_id, new.data
      ), told AS (
        INSERT INTO order_events (type, order_id, correlation_id, causation_id, data)
        SELECT 'order.' || status, order_id, correlation_id, causation_id, data FROM moved
      )
      SELECT n FROM moved`,
    values: [
      moves.map(({ order }) => order.order_id),
      moves.map(({ from }) => from),
      moves.map(({ order }) => order.status),
      moves.map(({ order }) => order.reason),
      moves.map(({ answer }) => answer?.status ?? null),
      moves.map(({ answer }) => answer?.body ?? null),
      moves.map(({ order }) => order.updated_at),
      moves.map(({ causationId }) => causationId),
      moves.map((move) => JSON.stringify(eventDataOf(move))),
      moves.map(({ order }) => (order.currency === null ? null : JSON.stringify(order.items))),
      moves.map(({ order }) => order.currency),
    ],
  });
  // Of two moves of one order in a batch, one wins.
  const moved = new Set(rows.map((row) => moves[row.n - 1]));
  return batch.map((move) => moved.has(move));
}

/** What the event of a move tells: the outcome, and the prices if they are known. */
function eventDataOf({ order: { items, currency }, outcome }: Move) {
  const { prices: _, ...told } = outcome ?? {};
  return { ...told, ...(currency !== null && { items, currency, total_cents: totalOf(items) }) };
}
