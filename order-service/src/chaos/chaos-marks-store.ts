import type { SentMark } from '@valerix/service-kit/chaos/marks';
import type { Pool } from '@valerix/service-kit/postgres';

export type ChaosMarksStore = ReturnType<typeof createChaosMarksStore>;

/** Writes the marks of faults to the orders' timelines. A mark is no transition and changes no order. */
export function createChaosMarksStore(pool: Pool) {
  return {
    /**
     * Writes the marks whose order exists; a repeated mark is written once.
     * @returns the event ids of the marks whose order exists
     */
    async write(marks: readonly SentMark[]): Promise<Set<string>> {
      const { rows } = await pool.query<{ event_id: string }>(
        `WITH found AS (
           SELECT mark.*, orders.order_id AS found_id, orders.correlation_id
           FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[])
             AS mark (event_id, occurred_at, order_id, idempotency_key, fault_id, data)
           JOIN orders ON orders.order_id = mark.order_id OR orders.idempotency_key = mark.idempotency_key
         ), told AS (
           INSERT INTO order_events (event_id, type, order_id, occurred_at, correlation_id, causation_id, data)
           SELECT event_id, 'chaos.fault_fired', found_id, occurred_at, correlation_id, fault_id, data FROM found
           ON CONFLICT DO NOTHING
         )
         SELECT event_id FROM found`,
        [
          marks.map((mark) => mark.event_id),
          marks.map((mark) => mark.occurred_at),
          marks.map((mark) => mark.order_id ?? null),
          marks.map((mark) => mark.idempotency_key ?? null),
          marks.map((mark) => mark.fault_id),
          marks.map(({ fault_id, type, point, service, replica }) =>
            JSON.stringify({ fault_id, type, point, service, replica }),
          ),
        ],
      );
      return new Set(rows.map((row) => row.event_id));
    },
  };
}
