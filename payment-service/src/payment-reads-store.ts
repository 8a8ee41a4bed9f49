import type { PaymentEntry, PaymentLedgerPage, PaymentLedgerQuery } from '@valerix/contracts';
import { COMMIT_HORIZON, NO_HORIZON } from '@valerix/service-kit/commit-horizon';
import { literal, type Pool } from '@valerix/service-kit/postgres';
import type { Payment } from './decide-payment.ts';
import { PAYMENT, type PaymentRow, toPayment } from './payment-store.ts';

/** An entry, or nulls if the page is empty; and how far the ledger is settled. */
interface Row extends Omit<PaymentEntry, 'position' | 'created_at'> {
  position: string | null;
  created_at: Date;
  tx: string;
  seq: number;
  settled_to: string;
  held_back: boolean;
}

/** Payments that wait for the provider, by what they wait for. */
export interface OpenPayments {
  waits_for: 'charge' | 'refund';
  payments: number;
  amount_cents: number;
  oldest_seconds: number;
}

export type PaymentReadsStore = ReturnType<typeof createPaymentReadsStore>;

/** All SQL that only reads payments and their ledger. */
export function createPaymentReadsStore(pool: Pool) {
  return {
    async findPayment(orderId: string): Promise<Payment | undefined> {
      const { rows } = await pool.query<PaymentRow>(`SELECT ${PAYMENT} FROM payments WHERE order_id = $1`, [orderId]);
      return rows[0] && toPayment(rows[0]);
    },

    /** The payments of orders with a smaller id were dropped. */
    async goneBefore(): Promise<string> {
      const { rows } = await pool.query<{ gone: string }>('SELECT gone_before AS gone FROM retention');
      return rows[0]?.gone ?? '';
    },

    /** Payments that wait for the provider, the oldest first. */
    async openPayments(limit: number): Promise<Payment[]> {
      const { rows } = await pool.query<PaymentRow>(
        `SELECT ${PAYMENT} FROM payments WHERE waits_for IS NOT NULL ORDER BY created_at LIMIT $1`,
        [limit],
      );
      return rows.map(toPayment);
    },

    /** Counts at most `limit` open payments. */
    async countOpen(limit: number): Promise<OpenPayments[]> {
      const { rows } = await pool.query<OpenPayments>(
        `SELECT waits_for, count(*)::int AS payments, coalesce(sum(amount_cents), 0)::float8 AS amount_cents,
           extract(epoch FROM now() - min(coalesce(waits_since, created_at)))::float8 AS oldest_seconds
         FROM (SELECT waits_for, amount_cents, waits_since, created_at FROM payments WHERE waits_for IS NOT NULL LIMIT $1) AS open
         GROUP BY waits_for`,
        [limit],
      );
      return rows;
    },

    /**
     * One page of the ledger after a position, in commit order. It leaves out entries while an older transaction still runs, so a
     * reader that continues from its last position sees every entry once. The entries of named orders are shown as soon as they
     * are committed.
     */
    async readLedger({ after, order_id, limit }: PaymentLedgerQuery): Promise<PaymentLedgerPage> {
      const values: unknown[] = order_id ? [order_id] : [];
      // Literals tell the planner how much of the ledger follows. Of named orders it always takes the same way.
      const say = (value: string) => (order_id ? `$${values.push(value)}` : literal(value));
      const [tx = '0', seq = '0'] = (after ?? '0.0').split('.').map(say);
      const source = order_id
        ? `(SELECT DISTINCT unnest($1::uuid[]) AS id) AS named,
             LATERAL (SELECT * FROM payment_transactions WHERE order_id = named.id OFFSET 0) AS entry`
        : 'payment_transactions AS entry';
      const { rows } = await pool.query<Row>({
        ...(order_id && { name: 'ledger-of-orders' }),
        text: `WITH horizon AS MATERIALIZED (SELECT * FROM ${order_id ? NO_HORIZON : COMMIT_HORIZON} AS horizon)
         SELECT settled || '.0' AS settled_to, held AS held_back, page.*
         FROM horizon LEFT JOIN (
           SELECT tx || '.' || seq AS position, transaction_type, order_id, amount_change, currency, created_at, tx, seq
           FROM ${source}
           WHERE (tx, seq) > (${tx}::xid8, ${seq}::bigint)
             ${order_id ? '' : 'AND tx < (SELECT settled FROM horizon)'}
           ORDER BY tx, seq LIMIT ${say(String(limit))}
         ) AS page ON true
         ORDER BY page.tx, page.seq`,
        values,
      });
      const items = rows.flatMap(({ settled_to: _to, held_back: _held, tx: _tx, seq: _seq, ...entry }) =>
        entry.position === null
          ? []
          : [{ ...entry, position: entry.position, created_at: entry.created_at.toISOString() }],
      );
      const { settled_to, held_back } = rows[0] as Row;
      return { items, next_cursor: items.at(-1)?.position ?? null, settled_to, held_back };
    },
  };
}
