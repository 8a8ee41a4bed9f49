import { type Violation, violation } from '../checker/violation.ts';
import { WatchClient } from './watch-client.ts';

// No more entries can appear below `settled`. The first look asks for nothing older than itself.
const RELEASED = `
  WITH bounds AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS settled)
  SELECT settled::text AS settled, ARRAY(
    SELECT DISTINCT order_id FROM inventory_transactions
    WHERE tx >= coalesce($1::xid8, settled) AND transaction_type = 'release'
  ) AS released FROM bounds`;
// Voided payments are skipped: the provider may charge one after its tombstone. The worker refunds it, perhaps after the stock was
// released.
const KEPT = `
  SELECT order_id AS id, amount_cents || ' ' || currency AS amount FROM payments
  WHERE order_id = ANY($1::uuid[]) AND outcome = 'applied' AND charged_at IS NOT NULL AND refunded_at IS NULL`;

type Rows = <R extends object>(sql: string, values: unknown[]) => Promise<R[]>;

/**
 * Reports the orders whose stock was released while their money is kept (I15), of the releases since an earlier look. The refund is
 * committed before the release is asked for, so a look at the stock first and at the money second must find it refunded.
 * @param since what the earlier look returned; null for the first one
 */
export async function lookAtReleases(stock: Rows, money: Rows, since: string | null) {
  const [found] = await stock<{ settled: string; released: string[] }>(RELEASED, [since]);
  if (!found) return { since, violations: [] };
  const isAny = found.released.length > 0;
  const kept = isAny ? await money<{ id: string; amount: string }>(KEPT, [found.released]) : [];
  const violations = kept.map(({ id, amount }) =>
    violation('I15', 'drift', id, `its stock was released before its ${amount} were refunded`),
  );
  return { since: found.settled, violations };
}

/** Follows the releases of stock, and reports those of orders whose money is kept. */
export class MoneyWatch {
  readonly #stock: WatchClient;
  readonly #money: WatchClient;
  #since: string | null = null;

  constructor({ inventory, payment }: Record<'inventory' | 'payment', { databaseUrl: string }>) {
    this.#stock = new WatchClient(inventory.databaseUrl);
    this.#money = new WatchClient(payment.databaseUrl);
  }

  /** @returns what is wrong now @throws when a database cannot be read; the next look catches up */
  async look(): Promise<Violation[]> {
    const rows =
      (client: WatchClient): Rows =>
      (sql, values) =>
        client.rows(sql, values);
    const { since, violations } = await lookAtReleases(rows(this.#stock), rows(this.#money), this.#since);
    this.#since = since;
    return violations;
  }

  close = async (): Promise<void> => {
    await Promise.all([this.#stock.close(), this.#money.close()]);
  };
}
