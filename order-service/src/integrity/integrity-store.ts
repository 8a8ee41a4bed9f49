import { COMMIT_HORIZON } from '@valerix/service-kit/commit-horizon';
import type { Pool } from '@valerix/service-kit/postgres';
import type { StreamPage } from './stream-side.ts';

/** An entry of the outbox, with the fields that the auditor needs. */
export interface AuditedEvent {
  position: string;
  type: string;
  order_id: string;
  /** Milliseconds since 1970, by the database's clock. */
  at: number;
  /** Canonical; of `order.created` only. */
  lines: string | null;
  /** True for the creation of a paid order. */
  paid: boolean;
  /** Of a move, what the order costs; null while that is not known. */
  currency: string | null;
  total_cents: number | null;
}

export interface AuditedOrder {
  order_id: string;
  status: string;
  lines: string;
  paid: boolean;
  currency: string | null;
  /** 0 while the prices are not known. */
  total_cents: number;
  /** Types of its events, oldest first. */
  events: string[];
}

/** An event, or nulls if the page is empty; and how far the events are settled. */
interface Row extends AuditedEvent {
  settled_to: string;
  held: boolean;
}

export type IntegrityStore = ReturnType<typeof createIntegrityStore>;

const CANONICAL = (items: string) => `(
  SELECT string_agg(line->>'item_id' || ':' || (line->>'quantity'), ',' ORDER BY line->>'item_id' COLLATE "C")
  FROM jsonb_array_elements(${items}) AS line)`;

/** What the auditor reads of the orders. */
export function createIntegrityStore(pool: Pool) {
  return {
    /** Events after a position, in commit order: each exactly once. */
    async eventsAfter(position: string, limit: number): Promise<StreamPage<AuditedEvent>> {
      const [tx, seq] = position.split('.');
      const { rows } = await pool.query<Row>({
        name: 'audit-events',
        text: `WITH horizon AS MATERIALIZED (SELECT * FROM ${COMMIT_HORIZON} AS horizon)
          SELECT settled || '.0' AS settled_to, held, page.*
          FROM horizon LEFT JOIN (
            SELECT tx || '.' || seq AS position, type, order_id, extract(epoch FROM occurred_at)::float8 * 1000 AS at,
              CASE type WHEN 'order.created' THEN ${CANONICAL(`data->'items'`)} END AS lines, data ? 'payment_deadline' AS paid,
              data->>'currency' AS currency, (data->>'total_cents')::float8 AS total_cents, tx, seq
            FROM order_events
            WHERE (tx, seq) > ($1::xid8, $2::bigint) AND tx < (SELECT settled FROM horizon)
            ORDER BY tx, seq LIMIT $3
          ) AS page ON true
          ORDER BY page.tx, page.seq`,
        values: [tx, seq, limit],
      });
      const { settled_to: settledTo, held: heldBack } = rows[0] as Row;
      return { items: rows.filter((row) => row.position !== null), settledTo, heldBack };
    },

    /** Nothing is left of the orders with a smaller id. */
    async goneBefore(): Promise<string> {
      const { rows } = await pool.query<{ gone_before: string }>('SELECT gone_before FROM retention');
      return rows[0]?.gone_before as string;
    },

    /** The present state of orders, with their timelines. */
    async findAll(ids: readonly string[]): Promise<AuditedOrder[]> {
      const { rows } = await pool.query<AuditedOrder>(
        `SELECT order_id, status, ${CANONICAL('items')} AS lines, payment_deadline IS NOT NULL AS paid, currency,
           coalesce((SELECT sum((line->>'quantity')::bigint * (line->>'unit_price_cents')::bigint) FROM jsonb_array_elements(items) AS line), 0)
             ::float8 AS total_cents,
           ARRAY(SELECT type FROM order_events WHERE order_id = orders.order_id ORDER BY seq) AS events
         FROM orders WHERE order_id = ANY($1::uuid[])`,
        [ids],
      );
      return rows;
    },
  };
}
