import { type Violation, violation } from '../checker/violation.ts';
import { WatchClient } from './watch-client.ts';

// No more entries can appear below `settled`. The first look asks for nothing older than itself.
const RELEASED = `
  WITH bounds AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS settled)
  SELECT settled::text AS settled, ARRAY(
    SELECT DISTINCT order_id FROM inventory_transactions
    WHERE tx >= coalesce($1::xid8, settled) AND transaction_type = 'release'
  ) AS released FROM bounds`;
const KEPT = `
  SELECT order_id AS id, amount_cents || ' ' || currency AS amount FROM payments
  WHERE order_id = ANY($1::uuid[]) AND charged_at IS NOT NULL AND refunded_at IS NULL`;

/**
 * Follows the releases of stock, and reports an order whose stock is released while its money is kept (I15). The refund is committed
 * before the release is asked for, so a look at the stock first and at the money second must find it refunded.
 */
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
    const [found] = await this.#stock.rows<{ settled: string; released: string[] }>(RELEASED, [this.#since]);
    if (!found) return [];
    const kept = await this.#money.rows<{ id: string; amount: string }>(KEPT, [found.released]);
    this.#since = found.settled;
    return kept.map(({ id, amount }) =>
      violation('I15', 'drift', id, `its stock was released before its ${amount} were refunded`),
    );
  }

  close = async (): Promise<void> => {
    await Promise.all([this.#stock.close(), this.#money.close()]);
  };
}
