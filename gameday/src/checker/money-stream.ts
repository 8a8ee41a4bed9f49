import { about, mergeById, type Row, type Snapshot } from './database-stream.ts';
import type { MoneyRecord } from './judge-money.ts';

const PAYMENTS = (which: string) => `
  SELECT order_id AS id, outcome, reason, amount_cents || ' ' || currency AS amount, waits_for AS "waitsFor"
  FROM payments WHERE order_id ${which} ORDER BY order_id`;

const amounts = (type: 'charge' | 'refund') =>
  `coalesce(string_agg(abs(amount_change) || ' ' || currency, ',' ORDER BY tx, seq) FILTER (WHERE transaction_type = '${type}'), '')`;
const LEDGER = (which: string) => `
  SELECT order_id AS id, ${amounts('charge')} AS charged, ${amounts('refund')} AS refunded
  FROM payment_transactions WHERE order_id ${which} GROUP BY order_id ORDER BY order_id`;

// A charge under another name for the same order is still a charge for it.
const REFERENCE = 'substr(reference, 1, 36)::uuid';
const BOOKS = (which: string) => `
  SELECT ${REFERENCE} AS id,
    coalesce(string_agg(amount || ' ' || currency, ',' ORDER BY tx, seq) FILTER (WHERE type = 'charge'), '') AS charged,
    coalesce(string_agg(amount || ' ' || currency, ',' ORDER BY tx, seq) FILTER (WHERE type = 'refund'), '') AS refunded
  FROM books WHERE ${REFERENCE} ${which} GROUP BY 1 ORDER BY 1`;

type Payment = NonNullable<MoneyRecord['payment']>;
interface Amounts {
  charged: string;
  refunded: string;
}

/** The snapshots of payment_db and of the provider's own database. */
export interface MoneySnapshots {
  payment: Snapshot;
  provider: Snapshot;
}

/** What the payment service and the provider recorded, by order id, for all orders or those with these ids; nothing without snapshots. */
export async function* streamMoney(
  money: MoneySnapshots | undefined,
  ids?: readonly string[],
): AsyncGenerator<MoneyRecord> {
  if (!money) return;
  const { payment, provider } = money;
  const ours = mergeById<Payment & Row, Amounts & Row>(
    about<Payment>(payment, 'payments', PAYMENTS, ids),
    about<Amounts>(payment, 'payment_ledger', LEDGER, ids),
  );
  const all = mergeById<{ payment: Payment | undefined; ledger: Amounts | undefined } & Row, Amounts & Row>(
    batched(ours, ({ id, left, right }) => ({ id, payment: left, ledger: right })),
    about<Amounts>(provider, 'books', BOOKS, ids),
  );
  for await (const { id, left, right } of all) {
    yield { orderId: id, payment: left?.payment, ledger: booked(left?.ledger), provider: booked(right) };
  }
}

const booked = ({ charged, refunded }: Amounts = { charged: '', refunded: '' }) => ({
  charged: listOf(charged),
  refunded: listOf(refunded),
});
const listOf = (text: string): string[] => (text === '' ? [] : text.split(','));

/** One row a batch: the rows were fetched in batches already. */
async function* batched<T, R>(rows: AsyncGenerator<T>, map: (row: T) => R): AsyncGenerator<R[]> {
  for await (const row of rows) yield [map(row)];
}
