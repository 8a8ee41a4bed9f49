import {
  type ListOrdersQuery,
  type OrderEvent,
  type PlacedBy,
  QUEUE_COUNT_LIMIT,
  type QueueState,
  SEARCHED_ORDERS,
} from '@valerix/contracts';
import { COMMIT_HORIZON } from '@valerix/service-kit/commit-horizon';
import { literal, type Pool } from '@valerix/service-kit/postgres';
import type { StoredOrder } from './answers.ts';
import { ORDER_COLUMNS, type OrderRow, toOrder, WAITING_LIST } from './order-rows.ts';
import type { Orders } from './ownership.ts';

interface EventRow extends Omit<OrderEvent, 'occurred_at'> {
  occurred_at: Date;
  position: string;
}
export interface TailedEvent {
  position: string;
  event: OrderEvent;
}

const EVENT_COLUMNS = `tx || '.' || seq AS position, event_id, event_version, type, order_id, occurred_at, correlation_id, causation_id, data`;

/** The orders that wait for the worker, as the index `orders_waiting` has them. */
const IN_QUEUE = `status IN ${WAITING_LIST} AND dead_lettered_at IS NULL`;

type QueueCounts = Omit<QueueState['queue'], 'stream_length'>;

export type OrderReadsStore = ReturnType<typeof createOrderReadsStore>;

/** All SQL that only reads orders. */
export function createOrderReadsStore(pool: Pool) {
  return {
    async find(id: string): Promise<StoredOrder | undefined> {
      const { rows } = await pool.query<OrderRow>({
        name: 'find-order',
        text: `SELECT ${ORDER_COLUMNS} FROM orders WHERE order_id = $1`,
        values: [id],
      });
      return rows[0] && toOrder(rows[0]);
    },

    /** Newest first; `before` is the id of the last order of the page before. */
    async list(query: ListOrdersQuery & { before: string | undefined; reach: Orders }): Promise<StoredOrder[]> {
      const values: unknown[] = [];
      // `= ANY` hides from the planner that there is one status only, so ordering by status as well leaves it the index by status. Otherwise
      // it may read the newest orders, all of them if none has this status.
      const order = query.status ? 'status DESC, order_id DESC' : 'order_id DESC';
      const where = [
        ...(query.status ? [`status = ANY(ARRAY[${literal(query.status)}])`] : []),
        ...(query.idempotency_key ? [`idempotency_key = $${values.push(query.idempotency_key)}`] : []),
        // A literal, so that the planner may use the index of customers' orders.
        ...(query.reach !== 'all' ? [`placed_by IN (${query.reach.map(literal).join()})`] : []),
        ...(query.before ? [`order_id < $${values.push(query.before)}`] : []),
        ...placedWithin(query, values),
      ];
      const looking = lookingFor(query, values);
      const source = sourceOf(query);
      const listed = `SELECT * FROM ${source} ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY ${order}`;
      const { rows } = await pool.query<OrderRow>(
        `SELECT ${ORDER_COLUMNS} FROM (${listed} LIMIT ${looking.length > 0 ? SEARCHED_ORDERS : query.limit}) AS orders
         ${looking.length > 0 ? `WHERE ${looking.join(' AND ')}` : ''} ORDER BY ${order} LIMIT ${query.limit}`,
        values,
      );
      return rows.map(toOrder);
    },

    async events(orderId: string): Promise<OrderEvent[]> {
      const { rows } = await pool.query<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM order_events WHERE order_id = $1 ORDER BY seq LIMIT 1000`,
        [orderId],
      );
      return rows.map((row) => toEvent(row).event);
    },

    /** The position of the last committed event: later events follow it. */
    async endOfEvents(): Promise<string> {
      const { rows } = await pool.query<{ position: string }>(
        `SELECT settled || '.0' AS position FROM ${COMMIT_HORIZON} AS horizon`,
      );
      return rows[0]?.position as string;
    },

    /** Events after a position, in commit order: each exactly once. */
    async eventsAfter(position: string, limit: number): Promise<TailedEvent[]> {
      const [tx, seq] = position.split('.');
      const { rows } = await pool.query<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM order_events
         WHERE (tx, seq) > ($1::xid8, $2::bigint) AND tx < (SELECT settled FROM ${COMMIT_HORIZON} AS horizon)
         ORDER BY tx, seq LIMIT $3`,
        [tx, seq, limit],
      );
      return rows.map(toEvent);
    },

    /** Who placed each of these orders; an order that is gone is nobody's. */
    async placedBy(orderIds: readonly string[]): Promise<Map<string, PlacedBy>> {
      const { rows } = await pool.query<{ order_id: string; placed_by: PlacedBy }>(
        'SELECT order_id, placed_by FROM orders WHERE order_id = ANY($1)',
        [orderIds],
      );
      return new Map(rows.map(({ order_id, placed_by }) => [order_id, placed_by]));
    },

    /**
     * How many orders wait for the worker, how long the oldest has waited, and how many it gave up on. Counting stops at `limit`, so it
     * costs the same however long the queue is (measured: 600,000 orders took 2.5 s each second).
     */
    async queueState(limit = QUEUE_COUNT_LIMIT): Promise<QueueCounts> {
      // Orders queued by a replica of an older version have no waiting_since.
      const { rows } = await pool.query<QueueCounts>(
        `SELECT (SELECT count(*) FROM (SELECT FROM orders WHERE ${IN_QUEUE} LIMIT $1) AS counted) AS depth,
           coalesce(extract(epoch FROM now() - (SELECT min(coalesce(waiting_since, created_at)) FROM orders WHERE ${IN_QUEUE})), 0)::float8
             AS oldest_age_seconds,
           (SELECT count(*) FROM (SELECT FROM orders WHERE dead_lettered_at IS NOT NULL LIMIT $1) AS counted) AS dead_lettered`,
        [limit],
      );
      return rows[0] as QueueCounts;
    },

    async deadLetters(limit: number): Promise<StoredOrder[]> {
      const { rows } = await pool.query<OrderRow>(
        `SELECT ${ORDER_COLUMNS} FROM orders WHERE dead_lettered_at IS NOT NULL ORDER BY dead_lettered_at LIMIT $1`,
        [limit],
      );
      return rows.map(toOrder);
    },
  };
}

/** The LIMIT keeps the planner from reading the newest orders instead, all of them if none waits. */
function sourceOf({ dead_lettered, waiting }: Pick<ListOrdersQuery, 'dead_lettered' | 'waiting'>): string {
  const some = (condition: string) => `(SELECT * FROM orders WHERE ${condition} LIMIT ${QUEUE_COUNT_LIMIT}) AS orders`;
  if (dead_lettered) return some('dead_lettered_at IS NOT NULL');
  return waiting ? some(IN_QUEUE) : 'orders';
}

/** An id begins with its time by the clock of a replica, which may differ from the database's by this much, milliseconds. */
const CLOCKS_DIFFER_MS = 3_600_000;

/** The bounds of the id let the primary key find the time; `created_at` has no index. */
function placedWithin(
  { placed_from, placed_to }: Pick<ListOrdersQuery, 'placed_from' | 'placed_to'>,
  values: unknown[],
): string[] {
  const bound = (time: string | undefined, operator: '>=' | '<', slackMs: number): string[] => {
    if (time === undefined) return [];
    const digits = Math.max(0, Date.parse(time) + slackMs)
      .toString(16)
      .padStart(12, '0');
    const id = `${digits.slice(0, 8)}-${digits.slice(8, 12)}-0000-0000-000000000000`;
    // PostgreSQL refuses some spellings of a time: the year 0, or an offset of more than 16 hours.
    return [`order_id ${operator} $${values.push(id)}`, `created_at ${operator} $${values.push(new Date(time))}`];
  };
  return [...bound(placed_from, '>=', -CLOCKS_DIFFER_MS), ...bound(placed_to, '<', CLOCKS_DIFFER_MS)];
}

/** Conditions without an index. Not on the key: part of a key must not help to find the rest of it. */
function lookingFor(
  { search, hit_by_fault }: Pick<ListOrdersQuery, 'search' | 'hit_by_fault'>,
  values: unknown[],
): string[] {
  const looking: string[] = [];
  if (search) {
    const part = `$${values.push(search.toLowerCase())}`;
    looking.push(`(position(${part} IN order_id::text) > 0 OR position(${part} IN lower(coalesce(reason, ''))) > 0
      OR EXISTS (SELECT FROM jsonb_array_elements(items) AS line WHERE position(${part} IN line->>'item_id') > 0))`);
  }
  if (hit_by_fault) {
    looking.push(`EXISTS (SELECT FROM order_events AS told
      WHERE told.order_id = orders.order_id AND told.type = 'chaos.fault_fired')`);
  }
  return looking;
}

function toEvent({ position, ...row }: EventRow): TailedEvent {
  return { position, event: { ...row, occurred_at: row.occurred_at.toISOString() } };
}
